//! The catalogue of findings: one line per code, with its class, severity and false alarms.

/// What kind of statement a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Arithmetic or a documented limit says it cannot be.
    Inconsistent,
    /// It is rare in the history it was compared with; chance makes such findings at a stated rate.
    Unusual,
    /// It has no price.
    Unpriced,
    /// It cannot be checked.
    Unverifiable,
}

impl Class {
    /// The word for people and machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inconsistent => "inconsistent",
            Self::Unusual => "unusual",
            Self::Unpriced => "unpriced",
            Self::Unverifiable => "unverifiable",
        }
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    pub const fn rule(self) -> &'static Rule {
        &RULES[self as usize]
    }

    /// The code for people and machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.rule().name
    }

    /// What kind of statement it is.
    #[must_use]
    pub const fn class(self) -> Class {
        self.rule().class
    }
}

/// What a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Of which code.
    pub code: Code,
    /// The code for people and machines.
    pub name: &'static str,
    /// What kind of statement it is.
    pub class: Class,
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
const RULES: &[Rule] = &[
    Rule {
        code: Code::UnreadableRow,
        name: "unreadable-row",
        class: Class::Unverifiable,
        severity: Severity::Warning,
        explanation: "The row cannot be read as its format says. It is not part of any sum.",
        false_alarms: "None: it is a statement about the file.",
        cure: "Correct the file or name the format with `--from`.",
    },
    Rule {
        code: Code::PartExceedsWhole,
        name: "part-exceeds-whole",
        class: Class::Inconsistent,
        severity: Severity::Error,
        explanation: "A part is larger than the whole it lies in, such as more cached tokens than input tokens. The record is not charged; nothing is clamped.",
        false_alarms: "Arithmetic: none, unless the source counts the part beside the whole.",
        cure: "Ask the provider, or correct the layout of the source.",
    },
    Rule {
        code: Code::TotalsDisagree,
        name: "totals-disagree",
        class: Class::Inconsistent,
        severity: Severity::Error,
        explanation: "The total that the source reports is not the sum of its parts under the source's own layout. The record is charged by its parts.",
        false_alarms: "0 of 619 recorded responses of 10 hosts.",
        cure: "Ask which of the counts is billed.",
    },
    Rule {
        code: Code::OutputAboveMaximum,
        name: "output-above-maximum",
        class: Class::Inconsistent,
        severity: Severity::Error,
        explanation: "More output tokens than the model's maximum (for a bucket: than its requests times the maximum).",
        false_alarms: "None where the limit is right; sources differ on some models.",
        cure: "See `toktab models PROVIDER MODEL` for the limit and its source.",
    },
    Rule {
        code: Code::InputAboveContext,
        name: "input-above-context",
        class: Class::Inconsistent,
        severity: Severity::Error,
        explanation: "More prompt tokens than the model's context window (for a bucket: than its requests times the window).",
        false_alarms: "None where the limit is right; sources differ on some models.",
        cure: "See `toktab models PROVIDER MODEL` for the limit and its source.",
    },
    Rule {
        code: Code::AfterRetirement,
        name: "after-retirement",
        class: Class::Inconsistent,
        severity: Severity::Error,
        explanation: "The model was shut down before the usage happened.",
        false_alarms: "None where the date is right; some providers serve a model for longer.",
        cure: "Check the time zone of the export and the model id.",
    },
    Rule {
        code: Code::DuplicateRequestId,
        name: "duplicate-request-id",
        class: Class::Inconsistent,
        severity: Severity::Error,
        explanation: "The same request id occurs more than once. Every copy is charged; the money at stake is that of the copies after the first.",
        false_alarms: "None where ids are unique per request.",
        cure: "Check whether the bill has both.",
    },
    Rule {
        code: Code::Unpriced,
        name: "unpriced",
        class: Class::Unpriced,
        severity: Severity::Warning,
        explanation: "No rate card answers for the record. Its tokens are counted, its cost is unknown, which is not zero.",
        false_alarms: "None: it is a statement about the price book.",
        cure: "Add a price with `--prices FILE`.",
    },
    Rule {
        code: Code::UnpricedMeter,
        name: "unpriced-meter",
        class: Class::Unpriced,
        severity: Severity::Warning,
        explanation: "A count of the record has no price on its card. The rest is charged, so the cost is a lower bound.",
        false_alarms: "None: it is a statement about the price book.",
        cure: "Add a price with `--prices FILE`.",
    },
    Rule {
        code: Code::PromiseOutlived,
        name: "promise-outlived",
        class: Class::Unverifiable,
        severity: Severity::Note,
        explanation: "The provider stated the price at least through an earlier day. No later price is known, so this one is used; it may have ended.",
        false_alarms: "None: it is a statement about the price book.",
        cure: "Look the price up and add it with `--prices FILE`.",
    },
    Rule {
        code: Code::UnusualRow,
        name: "unusual-row",
        class: Class::Unusual,
        severity: Severity::Note,
        explanation: "The row's reasoning tokens (output tokens where reasoning is not reported) are among the highest 1 % of the baseline rows with the same provider, model and labels: its conformal p-value is 0.01 or less.",
        false_alarms: "1 % of rows by construction, when rows are drawn like those of the baseline (measured: 1.0 %). The number to expect is printed beside the number found.",
        cure: "Look at the rows when there are clearly more than chance makes. Harder prompts and changes of the model make such rows, too.",
    },
    Rule {
        code: Code::Drift,
        name: "drift",
        class: Class::Unusual,
        severity: Severity::Warning,
        explanation: "The rows of a group, taken together, are higher than those of the baseline: a one-sided rank test (Mann and Whitney), adjusted for all groups (Holm) at 1 %. The money at stake is an estimate: what was charged beyond the baseline's level.",
        false_alarms: "At most 1 in 100 audits, when rows are drawn like those of the baseline (measured: 0.8 to 1.1 %).",
        cure: "Compare the same prompts before and after. An update of the model or harder prompts explain it, too. A steady rise by less than about 10 % is not seen.",
    },
    Rule {
        code: Code::DriftOverTime,
        name: "drift-over-time",
        class: Class::Unusual,
        severity: Severity::Warning,
        explanation: "In the order of time, a bet that the rows of a group stay as they were in the baseline has been lost by a wide margin (a conformal test martingale above 100 times the number of groups in the baseline).",
        false_alarms: "At most 1 in 100 baselines, ever, however often the growing window is audited (measured: 0.3 % of groups within 200 rows).",
        cure: "Look at what changed about the day that is named: the model's version, the prompts, the effort.",
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
