//! Counting on all cores.

use std::num::NonZero;
use std::thread;

use crate::cut;
use crate::encoding::Encoding;

/// Below this many bytes a second thread costs more than it gives.
const WORTH_A_THREAD: usize = 1 << 17;

impl Encoding {
    /// The number of tokens of each text, counted on all cores.
    ///
    /// ```
    /// use tokreckon_tokenizer::Encoding;
    ///
    /// assert_eq!(Encoding::O200kBase.count_many(&["one", "two words"]), [1, 2]);
    /// ```
    #[must_use]
    pub fn count_many<T: AsRef<str> + Sync>(self, texts: &[T]) -> Vec<usize> {
        let bytes: usize = texts.iter().map(|text| text.as_ref().len()).sum();
        let share = bytes / threads(bytes) + 1;
        let count_all = |texts: &[T]| -> Vec<usize> {
            texts.iter().map(|text| self.count(text.as_ref())).collect()
        };
        let mut batches = Vec::new();
        let mut rest = texts;
        while !rest.is_empty() {
            let mut filled = 0;
            let full = rest.iter().position(|text| {
                filled += text.as_ref().len();
                filled >= share
            });
            let (batch, tail) = rest.split_at(full.map_or(rest.len(), |last| last + 1));
            batches.push(batch);
            rest = tail;
        }
        on_threads(&batches, count_all).concat()
    }

    /// The number of tokens of one big text, counted on all cores.
    ///
    /// The text is cut only where its parts count like the whole, so the count is that of
    /// [`Encoding::count`].
    ///
    /// ```
    /// use tokreckon_tokenizer::Encoding;
    ///
    /// let text = "All work and no play makes Jack a dull boy.\n".repeat(10_000);
    /// assert_eq!(Encoding::O200kBase.count_parallel(&text), Encoding::O200kBase.count(&text));
    /// ```
    #[must_use]
    pub fn count_parallel(self, text: &str) -> usize {
        let share = text.len() / threads(text.len()) + 1;
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (part, tail) = rest.split_at(cut::after(self, rest, share).unwrap_or(rest.len()));
            parts.push(part);
            rest = tail;
        }
        on_threads(&parts, |part| self.count(part)).into_iter().sum()
    }
}

/// How many threads this many bytes are worth.
fn threads(bytes: usize) -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    (bytes / WORTH_A_THREAD).clamp(1, cores)
}

/// Does each job on a thread of its own, the last one on this thread.
fn on_threads<Job: Copy + Send, Answer: Send>(
    jobs: &[Job],
    work: impl Fn(Job) -> Answer + Sync,
) -> Vec<Answer> {
    let Some((&last, others)) = jobs.split_last() else {
        return Vec::new();
    };
    let work = &work;
    thread::scope(|scope| {
        let started: Vec<_> = others.iter().map(|&job| scope.spawn(move || work(job))).collect();
        let answer = work(last);
        let mut answers: Vec<Answer> = Vec::with_capacity(jobs.len());
        for thread in started {
            match thread.join() {
                Ok(answer) => answers.push(answer),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        answers.push(answer);
        answers
    })
}
