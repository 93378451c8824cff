#!/bin/bash
# Who includes whom: folders beside each other never include each other (docs/architecture.md).
. "${0%/*}/e2e/story.sh" || exit
cd "$here" || bail "no folder $here"

declare -A may=(
	[lib]="lib"
	[core]="core lib"
	[host]="host core lib"
	[api]="api core lib"
	[pam_supportaccess]="pam_supportaccess lib"
	[nss]="nss lib"
	[daemon]="daemon host core lib"
	[courier]="courier api core lib"
	[session]="session lib"
	[admin]="admin api host core lib"
	[staff]="staff api core lib"
	[central]="central core lib"
)

for folder in "${!may[@]}"; do
	allowed=$(tr ' ' '|' <<<"${may[$folder]}")
	found=$(grep -nE '^#include "' "$folder"/*.[ch] | grep -vE "\"($allowed)/")
	is "$folder/ includes only ${may[$folder]}" "$found" ""
done
is "every include of ours names its folder" \
	"$(grep -nE '^#include "[^/"]+"' ./*/*.[ch])" ""
is "no file of ours is longer than 600 lines" \
	"$(git ls-files '*.c' '*.h' '*.sh' '*.t' Makefile tests/machine tests/demo | xargs wc -l | awk '$2 != "total" && $1 > 600')" ""
is "the Makefile is shorter than 200 lines" "$(awk 'END { print (NR < 200) }' Makefile)" 1

needs() { readelf -d "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\].*/\1/p'; }
unlike "the daemon is linked with nothing that talks to a network" \
	"$(needs "$B/supportaccessd")" 'curl|microhttpd|ssl'
is "the login shell is static" "$(needs "$B/supportaccess-shell")" ""
done_testing
