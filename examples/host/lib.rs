//! What both example servers share.
