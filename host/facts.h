/* SPDX-License-Identifier: MIT */
#pragma once

/* Names of the store's small facts (store_get). Times are seconds since the epoch. */

/* From the enrolment, written by host_enrolled. */
#define FACT_HOST_ID    "host_id"
#define FACT_HOST_NAME  "host_name"
#define FACT_CUSTOMER   "customer"
#define FACT_PUBLIC_KEY "public_key" /* the host's signing key, "type base64" */
#define FACT_MACHINE_ID "machine_id" /* where it was enrolled */
#define FACT_AUTHORITY  "authority"  /* fingerprint that root compared; empty: nobody did */
#define FACT_ENROLLED   "enrolled"   /* when */

#define FACT_EPOCH      "epoch"      /* nothing that was decided before it counts */
#define FACT_OFF        "off"        /* 1: `supportaccess off` */
#define FACT_GENERATION "generation" /* "RANDOM COUNTER", see store_ends_access */

#define FACT_HIGH_WATER   "high_water"
#define FACT_NOTE_WALL    "note_wall" /* the last note of both clocks ... */
#define FACT_NOTE_BOOT    "note_boot"
#define FACT_NOTE_BOOT_ID "note_boot_id" /* ... in this boot */

#define FACT_FEED_CURSOR "feed_cursor"
#define FACT_FEED_EPOCH  "feed_epoch"
#define FACT_SENT        "sent" /* the last event that central has */

#define FACT_NEXT_UID "next_uid" /* the smallest uid that was never given */

/* Refusals are written as events up to a number each hour, then counted. */
#define FACT_REFUSED_HOUR   "refused_hour"
#define FACT_REFUSED_EVENTS "refused_events"
#define FACT_REFUSED_UNSAID "refused_unsaid"
