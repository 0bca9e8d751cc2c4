CREATE TABLE {prefix}schema_version (
    version INTEGER NOT NULL PRIMARY KEY
);

CREATE TABLE {prefix}grants (
    id           BLOB NOT NULL PRIMARY KEY,  -- 18 bytes, the first 2 are the shard
    client_id    BLOB NOT NULL,
    subject_kind TEXT,                       -- 'user' or 'client'; NULL until it is decided
    subject_id   BLOB,
    subject_key  BLOB,                       -- SHA-256 of kind and identifier, which may be long
    expires_at   INTEGER NOT NULL,           -- microseconds since 1970, like all moments
    revoked_at   INTEGER,
    purge_at     INTEGER NOT NULL,           -- when to look whether it can be removed
    payload      BLOB NOT NULL
);
CREATE INDEX {prefix}grants_subject ON {prefix}grants (subject_key, expires_at) WHERE subject_key IS NOT NULL;
CREATE INDEX {prefix}grants_purge ON {prefix}grants (purge_at);

CREATE TABLE {prefix}credentials (
    shard      INTEGER NOT NULL,
    digest     BLOB NOT NULL,                -- SHA-256
    grant_id   BLOB NOT NULL,
    kind       TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    spent_at   INTEGER,
    spent_by   BLOB,
    payload    BLOB NOT NULL,
    PRIMARY KEY (shard, digest)
);
CREATE INDEX {prefix}credentials_grant ON {prefix}credentials (grant_id);
CREATE INDEX {prefix}credentials_expiry ON {prefix}credentials (expires_at) WHERE kind = 'access_token';

CREATE TABLE {prefix}parked_requests (
    sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
    shard      INTEGER NOT NULL,
    digest     BLOB NOT NULL,
    owner_kind TEXT NOT NULL,
    owner_id   BLOB NOT NULL,
    owner_key  BLOB NOT NULL,                -- SHA-256 of kind and identifier
    expires_at INTEGER NOT NULL,
    payload    BLOB NOT NULL,
    UNIQUE (shard, digest)
);
CREATE INDEX {prefix}parked_requests_owner ON {prefix}parked_requests (owner_key, sequence);
CREATE INDEX {prefix}parked_requests_expiry ON {prefix}parked_requests (expires_at);

CREATE TABLE {prefix}consents (
    user_key    BLOB NOT NULL,               -- SHA-256 of the user's identifier
    client_key  BLOB NOT NULL,               -- SHA-256 of the client's identifier
    user_id     BLOB NOT NULL,
    client_id   BLOB NOT NULL,
    scope       TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (user_key, client_key)
);

CREATE TABLE {prefix}clients (
    client_key BLOB NOT NULL PRIMARY KEY,    -- SHA-256 of the client's identifier
    client_id  BLOB NOT NULL,
    client     BLOB NOT NULL
);

INSERT INTO {prefix}schema_version (version) VALUES (1);
