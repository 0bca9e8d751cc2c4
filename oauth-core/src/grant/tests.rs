mod authentication;
mod authorization_code;
mod client_credentials;
mod concurrency;
mod failing_store;
mod own_grant_type;
mod refresh_token;
mod retry_window;
