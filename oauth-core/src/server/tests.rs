mod account;
mod bearer;
mod build;
mod metadata;
mod sweep;
mod unreadable;
