/* SPDX-License-Identifier: MIT */

/* host/schema.sql, as a string in the program. The assembler reads the file, so that the schema
 * stays one readable file; the Makefile knows the dependency. */

#include "host/query.h"

__asm__(".pushsection .rodata\n"
	".global store_schema\n"
	".type store_schema, %object\n"
	"store_schema:\n"
	".incbin \"host/schema.sql\"\n"
	".byte 0\n"
	".size store_schema, . - store_schema\n"
	".popsection\n");
