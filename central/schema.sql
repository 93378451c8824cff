-- SPDX-License-Identifier: MIT
--
-- Central's database, version 1 (PRAGMA user_version). Embedded into supportaccess-central at
-- build; central/store*.c are the only files that know it.
--
-- Documents are stored verbatim beside their signature, keyed by the SHA-256 of their bytes;
-- what is copied out of them into columns is for finding them again, never instead of them.
-- Rows are not deleted: what is over is marked with when, 0 means not yet. Times are seconds UTC.

CREATE TABLE meta (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL		-- 'epoch': of the feed, random, made with the database
) STRICT, WITHOUT ROWID;

CREATE TABLE customers (
	name    TEXT PRIMARY KEY,
	title   TEXT NOT NULL,
	added   INTEGER NOT NULL,
	removed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Agents, approvers and operators. A removed row stays, so that a name is never given twice.
CREATE TABLE people (
	role      TEXT NOT NULL,
	customer  TEXT NOT NULL,	-- '' but for approvers
	name      TEXT NOT NULL,
	full_name TEXT NOT NULL,
	team      TEXT NOT NULL,
	added     INTEGER NOT NULL,
	locked    INTEGER NOT NULL DEFAULT 0,
	removed   INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (role, customer, name)
) STRICT, WITHOUT ROWID;

-- One-time codes and tokens, as SHA-256 only; the id is the first 16 digits of it.
CREATE TABLE codes (
	id        TEXT PRIMARY KEY,
	hash      TEXT NOT NULL,
	role      TEXT NOT NULL,	-- what it makes of who uses it; 'host': an enrolment code
	customer  TEXT NOT NULL,
	name      TEXT NOT NULL,	-- '' for a host: it names itself
	vendor    TEXT NOT NULL,
	authority TEXT NOT NULL,	-- public key of the agent authority, for a host
	created   INTEGER NOT NULL,
	ends      INTEGER NOT NULL,
	used      INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
	id       TEXT PRIMARY KEY,
	hash     TEXT NOT NULL,
	role     TEXT NOT NULL,
	customer TEXT NOT NULL,
	name     TEXT NOT NULL,		-- login, principal, host id
	created  INTEGER NOT NULL,
	ends     INTEGER NOT NULL,	-- 0: with its owner
	revoked  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_owner ON tokens (role, customer, name);

CREATE TABLE hosts (
	id        TEXT PRIMARY KEY,
	customer  TEXT NOT NULL,
	name      TEXT NOT NULL,
	key       TEXT NOT NULL,	-- of the enrolment document: checks heads
	enrolment TEXT NOT NULL,	-- digest of the document
	documents TEXT NOT NULL,	-- versions that it knows, '1,2'
	enrolled  INTEGER NOT NULL,
	contact   INTEGER NOT NULL,
	gone      INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX hosts_name ON hosts (customer, name) WHERE gone = 0;

CREATE TABLE documents (
	n         INTEGER PRIMARY KEY AUTOINCREMENT,
	digest    TEXT NOT NULL UNIQUE,
	type      TEXT NOT NULL,
	short_id  TEXT NOT NULL,
	customer  TEXT NOT NULL,
	agent     TEXT NOT NULL,	-- whose request it is, or is about
	request   TEXT NOT NULL,	-- digest of the request it is about; its own for a request
	verdict   TEXT NOT NULL,	-- of a decision, else ''
	bytes     TEXT NOT NULL,
	signature TEXT NOT NULL,	-- '' if there is none
	sender    TEXT NOT NULL,	-- role:name of the token
	received  INTEGER NOT NULL,
	pending_until INTEGER NOT NULL,	-- of a request, else 0
	UNIQUE (type, short_id)
) STRICT;
CREATE INDEX documents_request ON documents (request, n);
CREATE INDEX documents_customer ON documents (type, customer, n);
CREATE INDEX documents_agent ON documents (type, agent, n);

CREATE TABLE request_hosts (
	request TEXT NOT NULL,
	host    TEXT NOT NULL,
	PRIMARY KEY (request, host)
) STRICT, WITHOUT ROWID;

-- What each host is to be given, in order.
CREATE TABLE feed (
	cursor INTEGER PRIMARY KEY AUTOINCREMENT,
	host   TEXT NOT NULL,
	n      INTEGER NOT NULL REFERENCES documents (n)
) STRICT;
CREATE INDEX feed_host ON feed (host, cursor);

-- What hosts reported: their audit chains, link by link, and the heads that they signed.
CREATE TABLE events (
	n        INTEGER PRIMARY KEY AUTOINCREMENT,
	host     TEXT NOT NULL,
	seq      INTEGER NOT NULL,
	digest   TEXT NOT NULL,
	customer TEXT NOT NULL,
	kind     TEXT NOT NULL,
	request  TEXT NOT NULL,
	bytes    TEXT NOT NULL,
	UNIQUE (host, seq)
) STRICT;
CREATE INDEX events_customer ON events (customer, n);
CREATE INDEX events_request ON events (request, n) WHERE request <> '';

CREATE TABLE heads (
	host      TEXT NOT NULL,
	seq       INTEGER NOT NULL,
	bytes     TEXT NOT NULL,
	signature TEXT NOT NULL,
	received  INTEGER NOT NULL,
	PRIMARY KEY (host, seq)
) STRICT, WITHOUT ROWID;
