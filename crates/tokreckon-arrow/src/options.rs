//! How columns are read and priced.

use jiff::tz::TimeZone;
use tokreckon::book::PriceBook;
use tokreckon::digest::Digest;
use tokreckon::ledger::{Defaults, Settings};
use tokreckon::price::ServiceTier;
use tokreckon::read::{Format, Mapping};

use crate::Error;

/// How columns are read and priced.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) book: PriceBook<'static>,
    pub(crate) book_digest: u128,
    pub(crate) provider: String,
    pub(crate) format: Option<Format>,
    pub(crate) mapping: Option<Mapping>,
    pub(crate) settings: Settings,
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    /// The built-in prices, the format recognised by the names of the columns.
    #[must_use]
    pub fn new() -> Self {
        let (book, settings) = (PriceBook::builtin(), Settings::default());
        let book_digest = u128::from(tokreckon_data::BOOK_HASH);
        Self { book, book_digest, provider: String::new(), format: None, mapping: None, settings }
    }

    /// Who sends the bill, for rows that do not say.
    #[must_use]
    pub fn provider(self, provider: &str) -> Self {
        Self { provider: provider.to_owned(), ..self }
    }

    /// Service tier, for rows that do not say.
    #[must_use]
    pub fn service_tier(mut self, tier: ServiceTier) -> Self {
        self.settings.service_tier = Some(tier);
        self
    }

    /// The format, where it need not be recognised.
    #[must_use]
    pub fn format(self, format: Format) -> Self {
        Self { format: Some(format), ..self }
    }

    /// Names of the columns, where they are not the usual ones.
    #[must_use]
    pub fn mapping(self, mapping: Mapping) -> Self {
        Self { mapping: Some(mapping), ..self }
    }

    /// Zone of the days.
    #[must_use]
    pub fn zone(mut self, zone: TimeZone) -> Self {
        self.settings.zone = zone;
        self
    }

    /// What is taken for granted where neither a row nor the caller says it; named with each cost.
    #[must_use]
    pub fn taking_for_granted(mut self, defaults: Defaults) -> Self {
        self.settings.defaults = defaults;
        self
    }

    /// Own prices on top of those that are there.
    ///
    /// # Errors
    /// [`Error::Prices`] when the text is no file of prices.
    pub fn own_prices(self, text: &str) -> Result<Self, Error> {
        let book = self.book.with_prices(text).map_err(|error| Error::Prices(error.to_string()))?;
        let mut digest = Digest::default();
        digest.write(&self.book_digest.to_be_bytes());
        digest.write(text.as_bytes());
        Ok(Self { book, book_digest: digest.finish(), ..self })
    }

    pub(crate) fn read(&self) -> tokreckon::read::Options<'_> {
        tokreckon::read::Options {
            format: self.format,
            provider: &self.provider,
            service_tier: self.settings.service_tier,
            mapping: self.mapping.as_ref(),
            ..tokreckon::read::Options::default()
        }
    }

    /// The digest of the book, as it stands beside cells.
    pub(crate) fn book_text(&self) -> String {
        format!("{:032x}", self.book_digest)
    }
}
