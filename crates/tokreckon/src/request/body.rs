//! A request in one shape, whoever it is for: what was said, by whom, with which tools.

use std::borrow::Cow;

use serde_json::Value;

use super::image::ImageSize;

/// A request after reading; it borrows its texts.
#[derive(Default)]
pub(crate) struct Body<'a> {
    /// What was said, in order; instructions come first.
    pub(crate) entries: Vec<Entry<'a>>,
    /// The functions that may be called.
    pub(crate) functions: Vec<Function<'a>>,
    /// The kinds of tools that the provider runs itself.
    pub(crate) builtins: Vec<Cow<'a, str>>,
    /// Which function must be called.
    pub(crate) choice: Choice<'a>,
    /// The schema that the answer must follow.
    pub(crate) format: Option<Format<'a>>,
    /// Documents to answer from, as the request holds them.
    pub(crate) documents: Vec<&'a Value>,
    /// `parallel_tool_calls` is `false`.
    pub(crate) one_call_at_a_time: bool,
    /// Inputs without any framing: embeddings and legacy completions.
    pub(crate) bare: Vec<Bare<'a>>,
    /// Fields that point to text which is not in the request.
    pub(crate) stored: Vec<&'static str>,
    /// The model is asked to think before it answers.
    pub(crate) thinking: bool,
    /// The request has `instructions`.
    pub(crate) instructed: bool,
    /// What was not understood.
    pub(crate) unread: Vec<String>,
}

/// One thing said.
pub(crate) enum Entry<'a> {
    /// A message.
    Message { role: Role<'a>, name: Option<&'a str>, pieces: Vec<Piece<'a>> },
    /// The model called functions, perhaps after saying something.
    Calls { name: Option<&'a str>, pieces: Vec<Piece<'a>>, calls: Vec<Call<'a>>, legacy: bool },
    /// What a function returned.
    Result { call: Option<&'a str>, name: Option<&'a str>, pieces: Vec<Piece<'a>>, legacy: bool },
    /// Thoughts of the model, handed back: the length of their ciphertext, where there is one.
    Thoughts(Option<usize>),
    /// Something else, by its type.
    Other(Cow<'a, str>),
}

/// Who said it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role<'a> {
    /// `system` or `developer`.
    System,
    User,
    Assistant,
    Other(&'a str),
}

/// A piece of a message.
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Image(Image<'a>),
    /// A file, sound or film: what it is.
    Media(&'static str),
    /// A kind of piece that is not known.
    Other(Cow<'a, str>),
}

/// An image as the request holds it.
pub(crate) struct Image<'a> {
    /// A data URL, a link, base64 or a file id.
    pub(crate) source: Source<'a>,
    /// `detail` is `low`.
    pub(crate) low: bool,
    /// Its size, where the caller knows it.
    pub(crate) given: Option<ImageSize>,
}

/// Where an image is.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// Base64 data.
    Base64(&'a str),
    /// A link or an id: the size is not in the request.
    Elsewhere,
}

/// A call of a function.
pub(crate) struct Call<'a> {
    pub(crate) id: Option<&'a str>,
    pub(crate) name: &'a str,
    /// JSON as text.
    pub(crate) arguments: Cow<'a, str>,
}

/// A function that may be called.
pub(crate) struct Function<'a> {
    pub(crate) name: &'a str,
    pub(crate) description: Option<&'a str>,
    pub(crate) parameters: Option<&'a Value>,
    /// The tool as it stands in the request.
    pub(crate) whole: &'a Value,
}

/// `tool_choice` and its relatives.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Choice<'a> {
    /// Absent, `auto` or `required`.
    #[default]
    Free,
    /// One must be called, where the maker bills that otherwise.
    Any,
    None,
    Named(&'a str),
    /// Named by the legacy `function_call`.
    LegacyNamed(&'a str),
}

/// A schema for the answer.
pub(crate) struct Format<'a> {
    pub(crate) name: &'a str,
    pub(crate) description: Option<&'a str>,
    pub(crate) schema: &'a Value,
    pub(crate) strict: bool,
}

/// An input without framing.
pub(crate) enum Bare<'a> {
    Text(&'a str),
    /// Token ids: their number.
    Ids(usize),
}

impl Body<'_> {
    /// Gives sizes to the images, in the order of the request.
    pub(crate) fn give_sizes(&mut self, sizes: &[ImageSize]) {
        let pieces = self.entries.iter_mut().flat_map(|entry| match entry {
            Entry::Message { pieces, .. }
            | Entry::Calls { pieces, .. }
            | Entry::Result { pieces, .. } => pieces.as_mut_slice(),
            Entry::Thoughts(_) | Entry::Other(_) => &mut [],
        });
        let images = pieces.filter_map(|piece| match piece {
            Piece::Image(image) => Some(image),
            _ => None,
        });
        for (image, size) in images.zip(sizes) {
            image.given = Some(*size);
        }
    }
}

impl Entry<'_> {
    /// Its pieces.
    pub(crate) fn pieces(&self) -> &[Piece<'_>] {
        match self {
            Entry::Message { pieces, .. }
            | Entry::Calls { pieces, .. }
            | Entry::Result { pieces, .. } => pieces,
            Entry::Thoughts(_) | Entry::Other(_) => &[],
        }
    }

    /// Its texts, joined without anything between them: that is how they are counted.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        joined(self.pieces())
    }
}

/// The texts of pieces, joined.
pub(crate) fn joined<'p>(pieces: &'p [Piece<'_>]) -> Cow<'p, str> {
    let mut texts = pieces.iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(*text),
        _ => None,
    });
    let Some(first) = texts.next() else {
        return Cow::Borrowed("");
    };
    let mut whole = Cow::Borrowed(first);
    for text in texts {
        whole.to_mut().push_str(text);
    }
    whole
}

impl Role<'_> {
    /// The word for it.
    pub(crate) fn word(&self) -> &str {
        match self {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Other(word) => word,
        }
    }
}
