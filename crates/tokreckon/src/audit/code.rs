//! The catalogue of findings: one line per code, with its class, severity and false alarms.

use std::borrow::Cow;

use crate::hint::Setting;

/// What kind of statement a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FindingClass {
    /// Arithmetic or a documented limit says it cannot be.
    Inconsistent,
    /// It is rare in the history it was compared with; chance makes such findings at a stated rate.
    Unusual,
    /// It has no price.
    Unpriced,
    /// It cannot be checked.
    Unverifiable,
    /// The counts are right, and nothing was had for the money.
    Wasted,
}

impl FindingClass {
    /// The word for people and machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inconsistent => "inconsistent",
            Self::Unusual => "unusual",
            Self::Unpriced => "unpriced",
            Self::Unverifiable => "unverifiable",
            Self::Wasted => "wasted",
        }
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Money or counts are wrong as they stand.
    Error,
    /// Money or counts may be wrong.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// The word for people and machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// What a finding is about. Codes are stable; [`Code::rule`] says what each means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// A row that cannot be read.
    UnreadableRow,
    /// A part such as cached input is larger than the whole it lies in.
    PartExceedsWhole,
    /// The reported total is not the sum of its parts.
    TotalsDisagree,
    /// More output than the model can generate.
    OutputAboveMaximum,
    /// A longer prompt than the model can read.
    InputAboveContext,
    /// Usage of a model after its shutdown.
    AfterRetirement,
    /// The same request id twice.
    DuplicateRequestId,
    /// A record without a price.
    Unpriced,
    /// A count of a charged record without a price.
    UnpricedMeter,
    /// A price that was only promised through an earlier day.
    PromiseOutlived,
    /// A row that is higher than nearly all of its baseline.
    UnusualRow,
    /// A group whose rows are higher than those of its baseline.
    Drift,
    /// A group whose rows rise above the baseline as time goes on.
    DriftOverTime,
    /// More reasoning than output where the output includes it.
    ReasoningAboveOutput,
    /// Reasoning tokens of a model that has none.
    ReasoningOfPlainModel,
    /// Reasoning tokens off the steps in which the model reports them.
    ReasoningOffStep,
    /// More output than reasoning, the visible answer and framing explain.
    OutputUnexplained,
    /// Less output than reasoning and the visible answer take.
    OutputBelowVisible,
    /// A billed prompt other than what the request counts to.
    PromptDiffers,
    /// A billed prompt that differs from its text by another number than its template usually does.
    PromptOffsetChanges,
    /// More output than the request allowed.
    OutputAboveCap,
    /// Cached tokens off the steps in which the model reports them.
    CachedOffStep,
    /// The same request with the same counts within minutes.
    RepeatedRequest,
    /// The limit of output tokens was reached before anything was visible.
    CutBeforeAnswer,
    /// A time at which the usage cannot have happened.
    ImpossibleTime,
    /// Counts that are not tokens, such as credits.
    NotTokens,
    /// A row's own cost is another one than its usage times the price.
    OwnCostDiffers,
    /// More visible output than the answer has bytes.
    OutputAboveBytes,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; RULES.len()] = {
        let mut codes = [Self::UnreadableRow; RULES.len()];
        let mut index = 0;
        while index < codes.len() {
            codes[index] = RULES[index].code;
            index += 1;
        }
        codes
    };

    /// What the code means.
    #[must_use]
    pub const fn rule(self) -> &'static CheckRule {
        &RULES[self as usize]
    }

    /// The code for people and machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.rule().name
    }

    /// The setting that its cure speaks of, if it does.
    #[must_use]
    pub const fn setting(self) -> Option<Setting> {
        match self {
            Self::UnreadableRow => Some(Setting::Format),
            Self::Unpriced | Self::UnpricedMeter | Self::PromiseOutlived | Self::OwnCostDiffers => {
                Some(Setting::Prices)
            }
            Self::ReasoningAboveOutput => {
                Some(Setting::Columns(Cow::Borrowed("reasoning-is=beside")))
            }
            _ => None,
        }
    }

    /// What kind of statement it is.
    #[must_use]
    pub const fn class(self) -> FindingClass {
        self.rule().class
    }
}

/// What a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckRule {
    /// Of which code.
    pub code: Code,
    /// The code for people and machines.
    pub name: &'static str,
    /// What kind of statement it is.
    pub class: FindingClass,
    /// How much it matters.
    pub severity: Severity,
    /// What is compared, and what becomes of the record.
    pub explanation: &'static str,
    /// How often it is raised without a cause: measured, or by construction.
    pub false_alarms: &'static str,
    /// What to do about it.
    pub cure: &'static str,
}

/// In the order of [`Code`].
const RULES: &[CheckRule] = &[
    CheckRule {
        code: Code::UnreadableRow,
        name: "unreadable-row",
        class: FindingClass::Unverifiable,
        severity: Severity::Warning,
        explanation: "The row cannot be read as its format says. It is not part of any sum.",
        false_alarms: "None: it is a statement about the file.",
        cure: "Correct the file or name its format.",
    },
    CheckRule {
        code: Code::PartExceedsWhole,
        name: "part-exceeds-whole",
        class: FindingClass::Inconsistent,
        severity: Severity::Error,
        explanation: "A part is larger than the whole it lies in, such as more cached tokens than input tokens. The record is not charged; nothing is clamped.",
        false_alarms: "Arithmetic: none, unless the source counts the part beside the whole.",
        cure: "Ask the provider, or correct the layout of the source.",
    },
    CheckRule {
        code: Code::TotalsDisagree,
        name: "totals-disagree",
        class: FindingClass::Inconsistent,
        severity: Severity::Error,
        explanation: "The total that the source reports is not the sum of its parts under the source's own layout. The record is charged by its parts.",
        false_alarms: "0 of 619 recorded responses of 10 hosts.",
        cure: "Ask which of the counts is billed.",
    },
    CheckRule {
        code: Code::OutputAboveMaximum,
        name: "output-above-maximum",
        class: FindingClass::Inconsistent,
        severity: Severity::Error,
        explanation: "More output tokens than the model's maximum (for a bucket: than its requests times the maximum).",
        false_alarms: "None where the limit is right; sources differ on some models.",
        cure: "See `tokreckon models PROVIDER MODEL` for the limit and its source.",
    },
    CheckRule {
        code: Code::InputAboveContext,
        name: "input-above-context",
        class: FindingClass::Inconsistent,
        severity: Severity::Error,
        explanation: "More prompt tokens than the model's context window (for a bucket: than its requests times the window).",
        false_alarms: "None where the limit is right; sources differ on some models.",
        cure: "See `tokreckon models PROVIDER MODEL` for the limit and its source.",
    },
    CheckRule {
        code: Code::AfterRetirement,
        name: "after-retirement",
        class: FindingClass::Inconsistent,
        severity: Severity::Error,
        explanation: "The model was shut down before the usage happened.",
        false_alarms: "None where the date is right; some providers serve a model for longer.",
        cure: "Check the time zone of the export and the model id.",
    },
    CheckRule {
        code: Code::DuplicateRequestId,
        name: "duplicate-request-id",
        class: FindingClass::Inconsistent,
        severity: Severity::Error,
        explanation: "The same request id occurs more than once. Every copy is charged; the money at stake is that of the copies after the first.",
        false_alarms: "None where ids are unique per request.",
        cure: "Check whether the bill has both.",
    },
    CheckRule {
        code: Code::Unpriced,
        name: "unpriced",
        class: FindingClass::Unpriced,
        severity: Severity::Warning,
        explanation: "No rate card answers for the record. Its tokens are counted, its cost is unknown, which is not zero.",
        false_alarms: "None: it is a statement about the price book.",
        cure: "Give a price of your own.",
    },
    CheckRule {
        code: Code::UnpricedMeter,
        name: "unpriced-meter",
        class: FindingClass::Unpriced,
        severity: Severity::Warning,
        explanation: "A count of the record has no price on its card. The rest is charged, so the cost is a lower bound.",
        false_alarms: "None: it is a statement about the price book.",
        cure: "Give a price of your own.",
    },
    CheckRule {
        code: Code::PromiseOutlived,
        name: "promise-outlived",
        class: FindingClass::Unverifiable,
        severity: Severity::Note,
        explanation: "The provider stated the price at least through an earlier day. No later price is known, so this one is used; it may have ended.",
        false_alarms: "None: it is a statement about the price book.",
        cure: "Look the price up and give it as one of your own.",
    },
    CheckRule {
        code: Code::UnusualRow,
        name: "unusual-row",
        class: FindingClass::Unusual,
        severity: Severity::Note,
        explanation: "The row's reasoning tokens (output tokens where reasoning is not reported) are among the highest 1 % of the baseline rows with the same provider, model and labels: its conformal p-value is 0.01 or less.",
        false_alarms: "1 % of rows by construction, when rows are drawn like those of the baseline (measured: 1.0 %). The number to expect is printed beside the number found.",
        cure: "Look at the rows when there are clearly more than chance makes. Harder prompts and changes of the model make such rows, too.",
    },
    CheckRule {
        code: Code::Drift,
        name: "drift",
        class: FindingClass::Unusual,
        severity: Severity::Warning,
        explanation: "The rows of a group, taken together, are higher than those of the baseline: a one-sided rank test (Mann and Whitney), adjusted for all groups (Holm) at 1 %. The money at stake is an estimate: what was charged beyond the baseline's level.",
        false_alarms: "At most 1 in 100 audits, when rows are drawn like those of the baseline (measured: 0.8 to 1.1 %).",
        cure: "Compare the same prompts before and after. An update of the model or harder prompts explain it, too. A steady rise by less than about 10 % is not seen.",
    },
    CheckRule {
        code: Code::DriftOverTime,
        name: "drift-over-time",
        class: FindingClass::Unusual,
        severity: Severity::Warning,
        explanation: "In the order of time, a bet that the rows of a group stay as they were in the baseline has been lost by a wide margin (a conformal test martingale above 100 times the number of groups in the baseline).",
        false_alarms: "At most 1 in 100 baselines, ever, however often the growing window is audited (measured: 0.3 % of groups within 200 rows).",
        cure: "Look at what changed about the day that is named: the model's version, the prompts, the effort.",
    },
    CheckRule {
        code: Code::ReasoningAboveOutput,
        name: "reasoning-above-output",
        class: FindingClass::Inconsistent,
        severity: Severity::Error,
        explanation: "More reasoning tokens than output tokens, where the output includes them. The record is not charged; what the output alone would cost is at stake.",
        false_alarms: "Arithmetic: none, unless the source counts reasoning beside the output. OpenRouter of mid 2025 reported such splits in 158 of the 5,640 recorded rows.",
        cure: "Trust the output, not the split: ask the gateway, or say that reasoning stands beside the output (`reasoning-is=beside`).",
    },
    CheckRule {
        code: Code::ReasoningOfPlainModel,
        name: "reasoning-of-plain-model",
        class: FindingClass::Inconsistent,
        severity: Severity::Error,
        explanation: "Reasoning tokens for a model that does not reason, such as gpt-4o. The price of these tokens is at stake.",
        false_alarms: "0 of the recorded responses of such models (the one that it finds among 2,240 was written by hand).",
        cure: "Ask which model answered.",
    },
    CheckRule {
        code: Code::ReasoningOffStep,
        name: "reasoning-off-step",
        class: FindingClass::Inconsistent,
        severity: Severity::Error,
        explanation: "o1-mini, o1-preview, o3-mini, o4-mini, gpt-5, gpt-5-mini, gpt-5-nano, gpt-5-pro and gpt-5.1-codex-mini report reasoning in steps of 64 tokens; this figure is no multiple of 64. Sums of such figures are checked as well. No other model has this rule. The price of the reasoning is at stake.",
        false_alarms: "0 of 3,417 recorded rows and 0 of the recorded responses (the one that it finds shows reasoning text, which o3-mini never does).",
        cure: "Ask what the figure counts. A figure raised in steps of 64 passes: see `output-unexplained`.",
    },
    CheckRule {
        code: Code::OutputUnexplained,
        name: "output-unexplained",
        class: FindingClass::Inconsistent,
        severity: Severity::Error,
        explanation: "Output beyond the reasoning figure, the visible answer (counted again) and framing: at most the larger of 80 tokens and the visible answer plus 16 for OpenAI's reasoning models, 6 for its others. Only single plain answers are checked: no tool calls, structured output, images, built-in tools or several choices. What lies above is at stake.",
        false_alarms: "0 of 3,417 recorded rows and 0 of 767 recorded responses; the bounds were read off such data (rule of three: below 0.1 % for o1, 0.9 % for o4-mini, 3 to 5 % for o3-mini and gpt-5). A log that shortens answers without a mark looks the same.",
        cure: "Ask for the parts of the output. An inflated reasoning figure that stays in step is not seen here: compare with your own history.",
    },
    CheckRule {
        code: Code::OutputBelowVisible,
        name: "output-below-visible",
        class: FindingClass::Inconsistent,
        severity: Severity::Warning,
        explanation: "Fewer output tokens than reasoning and the visible answer (counted again) take. The counts are not those of this answer.",
        false_alarms: "0 of 3,417 recorded rows and 0 of 767 recorded responses (the one that it finds was written by hand).",
        cure: "Check whether the counts were made up, as in tests, or belong to another response.",
    },
    CheckRule {
        code: Code::PromptDiffers,
        name: "prompt-differs",
        class: FindingClass::Inconsistent,
        severity: Severity::Warning,
        explanation: "The billed prompt is not what the request counts to, where the counting rules are exact; or more than twice the upper end of an estimate.",
        false_alarms: "6 of 1,039 recorded requests, four of which seem to hold another text than was sent (docs/audit.md).",
        cure: "See the parts with `tokreckon count`. A gateway that adds a system prompt, or a unit other than tokens, shows here.",
    },
    CheckRule {
        code: Code::PromptOffsetChanges,
        name: "prompt-offset-changes",
        class: FindingClass::Inconsistent,
        severity: Severity::Warning,
        explanation: "Requests of one template (model, roles, system prompt, tools) differ from their text by one number of tokens; this one by another. Only where the prompt cannot be counted exactly.",
        false_alarms: "0 of 1,801 recorded o1-mini rows with the text that was sent; up to 8 values where it was not exactly that text.",
        cure: "Compare the request that was sent with the one in the log.",
    },
    CheckRule {
        code: Code::OutputAboveCap,
        name: "output-above-cap",
        class: FindingClass::Inconsistent,
        severity: Severity::Error,
        explanation: "More output tokens than `max_completion_tokens`, `max_output_tokens` or `max_tokens` of the request, for a single answer of OpenAI's models.",
        false_alarms: "0 of 1,334 recorded chat and Responses requests.",
        cure: "Ask why the limit was not kept.",
    },
    CheckRule {
        code: Code::CachedOffStep,
        name: "cached-off-step",
        class: FindingClass::Unusual,
        severity: Severity::Note,
        explanation: "OpenAI documented cached tokens in steps of 128 for gpt-4o, gpt-4.1, the o series and the first gpt-5; this figure is no multiple of 128. Later models have no such steps.",
        false_alarms: "1 of 32 recorded responses of these models with cached tokens: a plausibility check, not a law.",
        cure: "Compare with the provider's own dashboard when it happens often.",
    },
    CheckRule {
        code: Code::RepeatedRequest,
        name: "repeated-request",
        class: FindingClass::Unverifiable,
        severity: Severity::Warning,
        explanation: "The same request with the same counts within ten minutes, under another id: it looks like a retry that was billed twice. The price of the later one is at stake.",
        false_alarms: "Requests that are repeated on purpose, with answers of the same length, look the same.",
        cure: "Look for time-outs in the client's log; ask the provider whether both were billed.",
    },
    CheckRule {
        code: Code::CutBeforeAnswer,
        name: "cut-before-answer",
        class: FindingClass::Wasted,
        severity: Severity::Warning,
        explanation: "The answer ended at the limit of output tokens before anything of it was visible. It was billed all the same: the whole charge is at stake.",
        false_alarms: "None: the response says so.",
        cure: "Raise the limit (`tokreckon estimate` shows the chance of reaching it) or lower the reasoning effort.",
    },
    CheckRule {
        code: Code::ImpossibleTime,
        name: "impossible-time",
        class: FindingClass::Inconsistent,
        severity: Severity::Error,
        explanation: "The usage lies before 2020, before the release of the model, or in the future. One day is left for time zones and clocks.",
        false_alarms: "None where the release date is right.",
        cure: "Check the unit (seconds or milliseconds) and the zone of the times.",
    },
    CheckRule {
        code: Code::NotTokens,
        name: "not-tokens",
        class: FindingClass::Inconsistent,
        severity: Severity::Error,
        explanation: "The counts are not tokens: read as tokens they contradict the answer or the request, and read as tokens x list price x a constant, as sellers of credits count, both fit; or all counts of one seller fall on what such a unit can make. The difference between the two readings is at stake.",
        false_alarms: "0 of 5,640 recorded rows and 0 of 2,240 recorded responses. Each finding says how often chance does the same: 1 time in k for every count multiplied by k, all times for k below 1.",
        cure: "Divide by the unit before pricing, or price by the reported cost; ask the seller what it counts.",
    },
    CheckRule {
        code: Code::OwnCostDiffers,
        name: "own-cost-differs",
        class: FindingClass::Inconsistent,
        severity: Severity::Warning,
        explanation: "The cost that the row itself reports is not its usage times the book's price: it lies outside of the bounds by more than half a unit of the last place that the seller writes, and by more than floats lose. Where all rows of a seller, at least five, differ by one factor that a discount (up to 50 %) or a fee (up to 30 %) can be, that is said and nothing is found; any other factor is named with the finding. A cost of zero for usage that has a price is listed by itself. What lies between the two is at stake.",
        false_alarms: "Not measured: a price that the book does not know, a discount of single models or a cost of something besides tokens looks the same.",
        cure: "Compare the price, the service tier and the fees with the seller's; give prices of your own.",
    },
    CheckRule {
        code: Code::OutputAboveBytes,
        name: "output-above-bytes",
        class: FindingClass::Inconsistent,
        severity: Severity::Error,
        explanation: "More visible output tokens than the answer, one plain text, has bytes. A token of a byte-level tokenizer is at least one byte, so no vocabulary explains it; 64 tokens are left for marks around the text. It is looked at where the answer cannot be counted again.",
        false_alarms: "None where the answer is whole and reasoning is reported apart.",
        cure: "Ask the provider for what was generated besides the answer.",
    },
];

// `Code::rule` finds a rule by the number of its code.
const _: () = {
    let mut index = 0;
    while index < RULES.len() {
        assert!(RULES[index].code as usize == index, "rules stand in the order of their codes");
        index += 1;
    }
};
