/* SPDX-License-Identifier: MIT */
#pragma once

/* Where things are on a host. Functions take paths as arguments; only programs name these. */

#define PATH_CONFIG_VENDOR "/usr/lib/supportaccess" /* shipped defaults */
#define PATH_CONFIG        "/etc/supportaccess"
#define PATH_APPROVERS     PATH_CONFIG "/approvers" /* ALLOWED SIGNERS, with approvers.d/ */
#define PATH_APPROVERS_D   PATH_CONFIG "/approvers.d"
#define PATH_AGENTS        PATH_CONFIG "/agents"       /* ALLOWED SIGNERS, the agent authority */
#define PATH_REVOKED_KEYS  PATH_CONFIG "/revoked_keys" /* KRL or a list of keys */

#define PATH_STATE         "/var/lib/supportaccess" /* root 0700 */
#define PATH_STORE         PATH_STATE "/store.db"
#define PATH_HOST_KEY      PATH_STATE "/host_key"           /* ed25519, root 0600 */
#define PATH_COURIER_STATE "/var/lib/supportaccess-courier" /* _supportaccess 0700 */
#define PATH_COURIER_TOKEN PATH_COURIER_STATE "/token"

#define PATH_RUN            "/run/supportaccess"     /* root 0755 */
#define PATH_CONTROL_SOCKET PATH_RUN "/control.sock" /* root 0600 */
#define PATH_COURIER_SOCKET PATH_RUN "/courier.sock" /* root:_supportaccess 0660 */
#define PATH_SESSION_SOCKET PATH_RUN "/session.sock" /* 0666 */
#define PATH_VIEW_DIR       PATH_RUN "/view"         /* bind-mounted into sessions */
#define PATH_VIEW           PATH_VIEW_DIR "/accounts"
#define PATH_KEYS           PATH_RUN "/keys"     /* one file for each account */
#define PATH_SESSIONS       PATH_RUN "/sessions" /* root 0700: keepers' ends and tombstones */

#define PATH_LIBEXEC     "/usr/libexec/supportaccess"
#define PATH_LOGIN_SHELL PATH_LIBEXEC "/supportaccess-shell"
#define PATH_KEEPER      PATH_LIBEXEC "/keeper"
#define PATH_HOMES       "/home" /* the agents' own, made and removed with their sessions */
#define PATH_NOLOGIN     "/usr/sbin/nologin"
#define PATH_SSH_KEYGEN  "/usr/bin/ssh-keygen"
#define PATH_SETPRIV     "/usr/bin/setpriv"

#define USER_COURIER "_supportaccess"
#define USER_VERIFY  "_supportaccess-verify"
#define USER_END     "_supportaccess-end"
