//! What bill and usage are compared by, and why by no more.

/// What bill and usage can be compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Key {
    /// The bill's own spans of time, days or longer.
    Period,
    /// Who sends the bill.
    Provider,
    /// Model.
    Model,
    /// How long its prompts were, where the model has a price for long ones and the bill tells them apart.
    Context,
    /// Kind of token, from the bill's line items.
    Class,
    /// Project.
    Project,
    /// API key.
    ApiKey,
    /// User.
    User,
}

impl Key {
    /// Every key, in order.
    pub const ALL: [Self; 8] = [
        Self::Period,
        Self::Provider,
        Self::Model,
        Self::Context,
        Self::Class,
        Self::Project,
        Self::ApiKey,
        Self::User,
    ];

    /// The name for people and machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Period => "period",
            Self::Provider => "provider",
            Self::Model => "model",
            Self::Context => "context",
            Self::Class => "kind of token",
            Self::Project => "project",
            Self::ApiKey => "key",
            Self::User => "user",
        }
    }
}

/// Why bill and usage are not compared by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum NotCompared {
    /// Rows of the usage do not name it.
    UsageDoesNotSay,
    /// Rows of the bill do not name it.
    BillDoesNotSay,
    /// Both name it, and no name is the same.
    NoNameInCommon,
}

impl NotCompared {
    /// The reason for people.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::UsageDoesNotSay => "the usage does not name it in every row",
            Self::BillDoesNotSay => "the bill does not name it in every row",
            Self::NoNameInCommon => "no name of the usage is one of the bill",
        }
    }
}

/// How long prompts were: on which side of the threshold of a model's price for long ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Context {
    Short,
    Long,
}

impl Context {
    /// The word for people and machines.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Short => "short prompts",
            Self::Long => "long prompts",
        }
    }

    /// The bracket of a card with two of them.
    pub(super) const fn bracket(self) -> u8 {
        match self {
            Self::Short => 0,
            Self::Long => 1,
        }
    }
}
