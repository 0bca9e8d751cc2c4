CREATE TABLE {prefix}schema_version (
    version INTEGER NOT NULL PRIMARY KEY
);

CREATE TABLE {prefix}grants (
    id           BYTEA NOT NULL PRIMARY KEY, -- 18 bytes, the first 2 are the shard
    client_id    BYTEA NOT NULL,
    subject_kind TEXT,                       -- 'user' or 'client'; NULL until it is decided
    subject_id   BYTEA,
    subject_key  BYTEA,                      -- SHA-256 of kind and identifier, which may be long
    expires_at   BIGINT NOT NULL,            -- microseconds since 1970, like all moments
    revoked_at   BIGINT,
    purge_at     BIGINT NOT NULL,            -- when to look whether it can be removed
    payload      BYTEA NOT NULL
);
CREATE INDEX ON {prefix}grants (subject_key, expires_at) WHERE subject_key IS NOT NULL;
CREATE INDEX ON {prefix}grants (purge_at);

CREATE TABLE {prefix}credentials (
    shard      INTEGER NOT NULL,
    digest     BYTEA NOT NULL,               -- SHA-256
    grant_id   BYTEA NOT NULL,
    kind       TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    spent_at   BIGINT,
    spent_by   BYTEA,
    payload    BYTEA NOT NULL,
    PRIMARY KEY (shard, digest)
);
CREATE INDEX ON {prefix}credentials (grant_id);
CREATE INDEX ON {prefix}credentials (expires_at) WHERE kind = 'access_token';

CREATE TABLE {prefix}parked_requests (
    shard      INTEGER NOT NULL,
    digest     BYTEA NOT NULL,
    sequence   BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
    owner_kind TEXT NOT NULL,
    owner_id   BYTEA NOT NULL,
    owner_key  BYTEA NOT NULL,               -- SHA-256 of kind and identifier
    expires_at BIGINT NOT NULL,
    payload    BYTEA NOT NULL,
    PRIMARY KEY (shard, digest)
);
CREATE INDEX ON {prefix}parked_requests (owner_key, sequence);
CREATE INDEX ON {prefix}parked_requests (expires_at);

CREATE TABLE {prefix}consents (
    user_key    BYTEA NOT NULL,              -- SHA-256 of the user's identifier
    client_key  BYTEA NOT NULL,              -- SHA-256 of the client's identifier
    user_id     BYTEA NOT NULL,
    client_id   BYTEA NOT NULL,
    scope       TEXT COLLATE "C" NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (user_key, client_key)
);

CREATE TABLE {prefix}clients (
    client_key BYTEA NOT NULL PRIMARY KEY,   -- SHA-256 of the client's identifier
    client_id  BYTEA NOT NULL,
    client     BYTEA NOT NULL
);

INSERT INTO {prefix}schema_version (version) VALUES (1);
