-- The database of GLIR 0.1, with the marker of its version.
CREATE TABLE tenants (
  platform TEXT NOT NULL,
  tenant TEXT NOT NULL,
  PRIMARY KEY (platform, tenant)
) STRICT, WITHOUT ROWID;

CREATE TABLE installations (
  platform TEXT NOT NULL,
  tenant TEXT NOT NULL,
  key_id TEXT NOT NULL,
  nonce BLOB NOT NULL,
  box BLOB NOT NULL,
  PRIMARY KEY (platform, tenant),
  FOREIGN KEY (platform, tenant) REFERENCES tenants ON DELETE CASCADE
) STRICT;

CREATE TABLE settings (
  platform TEXT NOT NULL,
  tenant TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (platform, tenant),
  FOREIGN KEY (platform, tenant) REFERENCES tenants ON DELETE CASCADE
) STRICT;

CREATE TABLE conversations (
  platform TEXT NOT NULL,
  tenant TEXT NOT NULL,
  user TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (platform, tenant, user),
  FOREIGN KEY (platform, tenant) REFERENCES tenants ON DELETE CASCADE
) STRICT;

CREATE TABLE history (
  id INTEGER PRIMARY KEY,
  platform TEXT NOT NULL,
  tenant TEXT NOT NULL,
  user TEXT NOT NULL,
  room_tag TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  read_by INTEGER NOT NULL,
  FOREIGN KEY (platform, tenant) REFERENCES tenants ON DELETE CASCADE
) STRICT;
CREATE INDEX history_of_doctor ON history (platform, tenant, user, ended_at);
CREATE INDEX history_by_end ON history (ended_at);

CREATE TABLE states (
  hash BLOB NOT NULL PRIMARY KEY,
  data TEXT NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  record TEXT NOT NULL,
  hash TEXT NOT NULL,
  key_id TEXT,
  seal TEXT
) STRICT;

CREATE TRIGGER audit_grows BEFORE INSERT ON audit
WHEN new.seq IS NOT coalesce((SELECT max(seq) FROM audit), 0) + 1
BEGIN SELECT RAISE(ABORT, 'a row of the audit follows the last one'); END;

CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'a row of the audit is never changed'); END;

CREATE TRIGGER audit_is_purged BEFORE DELETE ON audit
WHEN NOT coalesce((
  SELECT record ->> 'action' = 'audit-purged' AND record ->> 'through' >= old.seq
  FROM audit ORDER BY seq DESC LIMIT 1
), 0)
BEGIN SELECT RAISE(ABORT, 'a row of the audit is deleted only when the last row says so'); END;
CREATE TABLE shared_rooms (
  room BLOB NOT NULL PRIMARY KEY,
  run TEXT NOT NULL,
  join_hash TEXT NOT NULL,
  phone TEXT,
  opened_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstones (
  room BLOB NOT NULL PRIMARY KEY,
  join_hash TEXT,
  phone TEXT,
  reason TEXT NOT NULL,
  ended_at INTEGER NOT NULL,
  keep_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstones_by_end ON tombstones (keep_until);

CREATE TABLE checks (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE server_keys (
  name TEXT NOT NULL PRIMARY KEY,
  key_id TEXT,
  nonce BLOB,
  box BLOB NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 3;
