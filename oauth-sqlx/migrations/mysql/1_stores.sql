CREATE TABLE IF NOT EXISTS {prefix}schema_version (
    version INT NOT NULL PRIMARY KEY
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS {prefix}grants (
    id           BINARY(18) NOT NULL PRIMARY KEY, -- the first 2 bytes are the shard
    client_id    LONGBLOB NOT NULL,
    subject_kind VARBINARY(16),                   -- 'user' or 'client'; NULL until it is decided
    subject_id   LONGBLOB,
    subject_key  BINARY(32),                      -- SHA-256 of kind and identifier, which may be long
    expires_at   BIGINT NOT NULL,                 -- microseconds since 1970, like all moments
    revoked_at   BIGINT,
    purge_at     BIGINT NOT NULL,                 -- when to look whether it can be removed
    payload      LONGBLOB NOT NULL,
    KEY of_subject (subject_key, expires_at),
    KEY to_purge (purge_at)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS {prefix}credentials (
    shard      SMALLINT UNSIGNED NOT NULL,
    digest     BINARY(32) NOT NULL,               -- SHA-256
    grant_id   BINARY(18) NOT NULL,
    kind       VARBINARY(32) NOT NULL,
    expires_at BIGINT NOT NULL,
    spent_at   BIGINT,
    spent_by   BINARY(16),
    payload    LONGBLOB NOT NULL,
    PRIMARY KEY (shard, digest),
    KEY of_grant (grant_id),
    KEY to_purge (kind, expires_at)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS {prefix}parked_requests (
    sequence   BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    shard      SMALLINT UNSIGNED NOT NULL,
    digest     BINARY(32) NOT NULL,
    owner_kind VARBINARY(16) NOT NULL,
    owner_id   LONGBLOB NOT NULL,
    owner_key  BINARY(32) NOT NULL,               -- SHA-256 of kind and identifier
    expires_at BIGINT NOT NULL,
    payload    LONGBLOB NOT NULL,
    UNIQUE KEY of_ticket (shard, digest),
    KEY of_owner (owner_key, sequence),
    KEY to_purge (expires_at)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS {prefix}consents (
    user_key    BINARY(32) NOT NULL,              -- SHA-256 of the user's identifier
    client_key  BINARY(32) NOT NULL,              -- SHA-256 of the client's identifier
    user_id     LONGBLOB NOT NULL,
    client_id   LONGBLOB NOT NULL,
    scope       LONGBLOB NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (user_key, client_key)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS {prefix}clients (
    client_key BINARY(32) NOT NULL PRIMARY KEY,   -- SHA-256 of the client's identifier
    client_id  LONGBLOB NOT NULL,
    client     LONGBLOB NOT NULL
) ENGINE = InnoDB;

INSERT IGNORE INTO {prefix}schema_version (version) VALUES (1);
