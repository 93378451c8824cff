-- The store of a host. Version 1 (PRAGMA user_version).
--
-- Documents are the facts, kept verbatim. `requests` and `finals` are an index to them that is
-- written in the same transaction; digests are 64 hexadecimal digits, times seconds UTC.

CREATE TABLE facts (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE documents (
	seq INTEGER PRIMARY KEY,	-- the order in which they came
	digest TEXT NOT NULL UNIQUE,
	type INTEGER NOT NULL,		-- enum document_type
	short_id TEXT NOT NULL,
	request TEXT NOT NULL,		-- digest of the request that it is about; a request's own
	bytes BLOB NOT NULL,
	signature BLOB NOT NULL,	-- empty: none
	received INTEGER NOT NULL,
	principal TEXT NOT NULL,	-- as whom it was verified; empty: nobody
	fingerprint TEXT NOT NULL,	-- of the key
	signer TEXT NOT NULL,		-- digest of the key or certificate within the signature
	root INTEGER NOT NULL,		-- made by root on this host
	waiting INTEGER NOT NULL,	-- came before its request
	backed INTEGER NOT NULL,	-- its signer is still vouched for; never goes from 0 to 1
	UNIQUE (type, short_id)
);
CREATE INDEX documents_of_request ON documents (request, type, seq);
CREATE INDEX documents_of_signer ON documents (backed, type, signer, principal);
CREATE INDEX documents_waiting ON documents (type) WHERE waiting; -- few, counted at each decision

CREATE TABLE accounts (
	login TEXT PRIMARY KEY,
	uid INTEGER NOT NULL UNIQUE,
	full_name TEXT NOT NULL,
	key TEXT NOT NULL,
	created INTEGER NOT NULL,
	conflict INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE requests (
	digest TEXT PRIMARY KEY REFERENCES documents (digest),
	seq INTEGER NOT NULL,		-- of the document
	login TEXT NOT NULL REFERENCES accounts (login),
	over INTEGER NOT NULL,		-- it is among the finals
	received INTEGER NOT NULL,
	pending_until INTEGER NOT NULL,
	decided INTEGER NOT NULL,	-- an approver or root has decided
	used INTEGER NOT NULL,		-- seconds that its grant was open by the boot clock ...
	used_boot_id TEXT NOT NULL,	-- ... up to this moment of this boot
	used_boot INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX requests_of_login ON requests (login, over, seq);
CREATE INDEX requests_open ON requests (over, seq);
CREATE INDEX requests_undecided ON requests (decided, pending_until);

-- What no document and no clock brings back, also for requests that have not come yet.
CREATE TABLE finals (
	request TEXT PRIMARY KEY,
	kind INTEGER NOT NULL,		-- enum grant_final
	at INTEGER NOT NULL,
	by TEXT NOT NULL,
	text TEXT NOT NULL,
	agent TEXT NOT NULL,		-- of a closing: whose request it may close; else empty
	signed INTEGER NOT NULL		-- not just central's word
) WITHOUT ROWID;

CREATE TABLE sessions (
	seq INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	login TEXT NOT NULL,
	uid INTEGER NOT NULL,
	scope INTEGER NOT NULL,
	request TEXT NOT NULL,
	boot_id TEXT NOT NULL,
	monitor_pid INTEGER NOT NULL,
	monitor_start INTEGER NOT NULL,
	keeper_pid INTEGER NOT NULL,
	keeper_start INTEGER NOT NULL,
	audit_session INTEGER NOT NULL,
	cgroup TEXT NOT NULL,
	remote_host TEXT NOT NULL,
	opened INTEGER NOT NULL,
	until INTEGER NOT NULL,
	ended INTEGER NOT NULL		-- 0: open
);
CREATE INDEX sessions_open ON sessions (ended, login);

CREATE TABLE events (
	seq INTEGER PRIMARY KEY,
	digest TEXT NOT NULL,
	bytes BLOB NOT NULL
);

CREATE TABLE heads (
	seq INTEGER PRIMARY KEY,	-- of the event that it names
	bytes BLOB NOT NULL,
	signature BLOB NOT NULL
);
