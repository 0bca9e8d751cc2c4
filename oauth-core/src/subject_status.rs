//! Whether a user may still be acted for.

use async_trait::async_trait;

use crate::error::StoreError;
use crate::subject::UserId;

/// Lets the host say that a user is disabled or gone.
///
/// Asked at code exchange, at refresh, and when a grant type opens a grant for a user, so that a
/// disabled user's clients get no new tokens; access tokens that are out live until they expire. Without it every user counts as active.
///
/// ```
/// use async_trait::async_trait;
/// use oauth_core::{StoreError, SubjectStatus, UserId};
///
/// struct Staff(Vec<UserId>);
///
/// #[async_trait]
/// impl SubjectStatus for Staff {
///     async fn is_active(&self, user: &UserId) -> Result<bool, StoreError> {
///         Ok(self.0.contains(user))
///     }
/// }
/// ```
#[async_trait]
pub trait SubjectStatus: Send + Sync + 'static {
    /// Whether clients may still act for this user.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be found out; the client is told 503.
    async fn is_active(&self, user: &UserId) -> Result<bool, StoreError>;
}
