-- The table that the service had before it learned OAuth: the apps of its developer portal, with names and
-- habits of its own.
CREATE TABLE IF NOT EXISTS apps (
    id                     TEXT PRIMARY KEY NOT NULL,
    title                  TEXT NOT NULL,
    secret_sha256          BLOB,                        -- NULL: an app that can keep no secret
    previous_secret_sha256 BLOB,                        -- valid until the new one is everywhere
    secret_in_body         BOOLEAN NOT NULL DEFAULT FALSE,
    callback_urls          TEXT NOT NULL DEFAULT '',    -- one in each line
    permissions            TEXT NOT NULL DEFAULT '',    -- separated by spaces
    stays_connected        BOOLEAN NOT NULL DEFAULT FALSE,
    works_unattended       BOOLEAN NOT NULL DEFAULT FALSE,
    made_by_us             BOOLEAN NOT NULL DEFAULT FALSE,
    disabled               BOOLEAN NOT NULL DEFAULT FALSE
);

-- The SHA-256 of web-secret-0123456789abcdef.
INSERT INTO apps (id, title, secret_sha256, callback_urls, permissions, stays_connected, works_unattended)
VALUES ('web', 'Demo web app', X'c96d2e36ea6e85281f3a009aca5fb1de0efeda42381c9068f4dbc9528e0541d7',
        'http://127.0.0.1:9999/callback', 'profile email', TRUE, TRUE)
ON CONFLICT DO NOTHING;
