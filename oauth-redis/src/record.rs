//! Reads the fields that a command answered with, in their order.

use oauth_core::store::Payload;
use oauth_core::{ClientId, StoreError, Subject};
use time::OffsetDateTime;

use crate::error::Unreadable;
use crate::moment;

/// The answer of `HMGET`: a value or nothing for each field.
pub(crate) type Fields = Vec<Option<Vec<u8>>>;

/// The fields that have not been read yet.
pub(crate) struct Record(std::vec::IntoIter<Option<Vec<u8>>>);

impl Record {
    pub(crate) fn new(fields: Fields) -> Self {
        Self(fields.into_iter())
    }

    pub(crate) fn optional_bytes(&mut self) -> Option<Vec<u8>> {
        self.0.next().flatten()
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<String>, Unreadable> {
        self.optional_bytes()
            .map(String::from_utf8)
            .transpose()
            .map_err(|_| Unreadable("a text"))
    }

    pub(crate) fn text(&mut self) -> Result<String, Unreadable> {
        self.optional_text()?.ok_or(Unreadable("a record"))
    }

    pub(crate) fn optional_moment(&mut self) -> Result<Option<OffsetDateTime>, Unreadable> {
        let text = self.optional_text()?;
        text.as_deref().map(moment::decode).transpose()
    }

    pub(crate) fn moment(&mut self) -> Result<OffsetDateTime, Unreadable> {
        self.optional_moment()?.ok_or(Unreadable("a record"))
    }

    pub(crate) fn client_id(&mut self) -> Result<ClientId, Unreadable> {
        ClientId::parse(&self.text()?).map_err(|_| Unreadable("a client_id"))
    }

    /// Two fields, kind and identifier.
    pub(crate) fn optional_subject(&mut self) -> Result<Option<Subject>, Unreadable> {
        let (kind, id) = (self.optional_text()?, self.optional_text()?);
        let Some(kind) = kind else {
            return Ok(None);
        };
        let subject = id.and_then(|id| Subject::from_parts(&kind, &id));
        subject.map(Some).ok_or(Unreadable("a subject"))
    }

    pub(crate) fn payload(&mut self) -> Result<Payload, StoreError> {
        let bytes = self.optional_bytes().ok_or(Unreadable("a record"))?;
        Payload::decode(&bytes).map_err(StoreError::permanent)
    }

    pub(crate) fn payload_or_kept(&mut self) -> Result<Payload, StoreError> {
        let bytes = self.optional_bytes().ok_or(Unreadable("a record"))?;
        Ok(Payload::decode_or_keep(&bytes))
    }
}
