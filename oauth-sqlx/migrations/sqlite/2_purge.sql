-- Access tokens go by themselves when they expire, so nobody looks for those of a grant.
DROP INDEX IF EXISTS {prefix}credentials_grant;
CREATE INDEX {prefix}credentials_grant ON {prefix}credentials (grant_id) WHERE kind <> 'access_token';

INSERT INTO {prefix}schema_version (version) VALUES (2);
