mod bearer;
mod build;
mod metadata;
mod sweep;
