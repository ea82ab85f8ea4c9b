//! What the engines spell differently.

/// A dialect of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Dialect {
    /// `DuckDB`: `HUGEINT`, which fails where it overflows.
    DuckDb,
    /// `PostgreSQL`: `NUMERIC` of any length.
    Postgres,
    /// Spark SQL and Databricks: `DECIMAL(38,0)`, which loses no digit as long as its scale is zero.
    Spark,
    /// Google's `BigQuery`: `BIGNUMERIC`.
    BigQuery,
    /// Snowflake: `NUMBER(38,0)`.
    Snowflake,
    /// `ClickHouse`: `Int256`.
    ClickHouse,
    /// Apache `DataFusion`: `DECIMAL(38,0)`.
    DataFusion,
}

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// A small whole number.
    Number,
    /// Unix seconds.
    Second,
    /// A count or an amount of whole units, of up to 38 digits.
    Count,
}

/// A table: its name, its columns with their kinds, its rows as SQL tuples.
pub(super) type Table = (&'static str, &'static [(&'static str, Kind)], Vec<String>);

impl Dialect {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::DuckDb,
        Self::Postgres,
        Self::Spark,
        Self::BigQuery,
        Self::Snowflake,
        Self::ClickHouse,
        Self::DataFusion,
    ];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DuckDb => "duckdb",
            Self::Postgres => "postgres",
            Self::Spark => "spark",
            Self::BigQuery => "bigquery",
            Self::Snowflake => "snowflake",
            Self::ClickHouse => "clickhouse",
            Self::DataFusion => "datafusion",
        }
    }

    /// The dialect of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|dialect| dialect.name() == name)
    }

    pub(super) const fn type_of(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::Spark | Self::BigQuery, Kind::Text) => "STRING",
            (Self::ClickHouse, Kind::Text) => "String",
            (_, Kind::Text) => "VARCHAR",
            (Self::BigQuery, Kind::Number | Kind::Second) => "INT64",
            (Self::ClickHouse, Kind::Number | Kind::Second) => "Int64",
            (_, Kind::Number | Kind::Second) => "BIGINT",
            (Self::DuckDb, Kind::Count) => "HUGEINT",
            (Self::Postgres, Kind::Count) => "NUMERIC",
            (Self::Spark | Self::DataFusion, Kind::Count) => "DECIMAL(38,0)",
            (Self::BigQuery, Kind::Count) => "BIGNUMERIC",
            (Self::Snowflake, Kind::Count) => "NUMBER(38,0)",
            (Self::ClickHouse, Kind::Count) => "Int256",
        }
    }

    pub(super) fn create_table(self, name: &str, columns: &[(&str, Kind)]) -> String {
        let columns: Vec<String> =
            columns.iter().map(|(name, kind)| format!("{name} {}", self.type_of(*kind))).collect();
        let columns = columns.join(", ");
        let (create, storage) = match self {
            Self::Spark => ("CREATE TABLE", " USING parquet"),
            Self::ClickHouse => ("CREATE TABLE", " ENGINE = MergeTree ORDER BY tuple()"),
            _ => ("CREATE TABLE", ""),
        };
        format!("{create} {name} ({columns}){storage};\n")
    }

    /// How a view begins. A view of Spark's that is not temporary may not look at one that is.
    pub(super) const fn create_view(self) -> &'static str {
        match self {
            Self::Spark => "CREATE TEMPORARY VIEW",
            _ => "CREATE VIEW",
        }
    }

    /// How many rows one statement inserts: parsers take time that grows faster than a statement.
    pub(super) const fn rows_per_insert(self) -> usize {
        match self {
            Self::Spark => 5_000,
            _ => 1_000,
        }
    }

    pub(super) fn text(self, text: &str) -> String {
        let backslash =
            matches!(self, Self::Spark | Self::BigQuery | Self::ClickHouse | Self::Snowflake);
        let text = if backslash { text.replace('\\', "\\\\") } else { text.to_owned() };
        // Two quotes side by side are two texts in Spark and BigQuery.
        let quote = if matches!(self, Self::Spark | Self::BigQuery) { "\\'" } else { "''" };
        format!("'{}'", text.replace('\'', quote))
    }

    /// A literal of [`Kind::Count`]. Beyond 18 digits most engines read a plain one as a double.
    pub(super) fn count(self, count: i128) -> String {
        let is_short = count.unsigned_abs() < 1_000_000_000_000_000_000;
        if is_short || matches!(self, Self::DuckDb | Self::Postgres) {
            count.to_string()
        } else if self == Self::ClickHouse {
            format!("toInt256('{count}')")
        } else {
            format!("CAST('{count}' AS {})", self.type_of(Kind::Count))
        }
    }

    /// An expression as a count.
    pub(super) fn as_count(self, expression: &str) -> String {
        match self {
            Self::ClickHouse => format!("toInt256({expression})"),
            _ => format!("CAST({expression} AS {})", self.type_of(Kind::Count)),
        }
    }

    /// The sum of a count: a count again, whatever the engine would make of it.
    pub(super) fn sum(self, expression: &str) -> String {
        self.as_count(&format!("sum({expression})"))
    }

    /// The day in UTC of Unix seconds, as days since 1970-01-01.
    pub(super) const fn day(self) -> &'static str {
        match self {
            Self::BigQuery => "CAST(FLOOR(CAST(u.at_second AS NUMERIC) / 86400) AS INT64)",
            Self::ClickHouse => "CAST(floor(u.at_second / 86400) AS Nullable(Int64))",
            // Whole numbers whose quotient is one as well: nothing is rounded.
            _ => "CAST((u.at_second - ((u.at_second % 86400) + 86400) % 86400) / 86400 AS BIGINT)",
        }
    }

    /// A whole number of units of `10^-scale` as a decimal number: only digits are moved.
    pub(super) fn amount(self, units: &str, scale: u32) -> String {
        let (long, scale) = (scale + 1, scale as usize);
        let text = match self {
            Self::ClickHouse => format!("toString({units})"),
            _ => format!("CAST({units} AS {})", self.type_of(Kind::Text)),
        };
        let digits = format!(
            "CASE WHEN length({text}) > {scale} THEN {text} ELSE lpad({text}, {long}, '0') END"
        );
        let whole = format!("substr({digits}, 1, length({digits}) - {scale})");
        let part = format!("substr({digits}, length({digits}) - {scale} + 1, {scale})");
        let decimal = format!("concat({whole}, '.', {part})");
        match self {
            Self::ClickHouse => format!("toDecimal256({decimal}, {scale})"),
            Self::Postgres => format!("CAST({decimal} AS NUMERIC)"),
            Self::BigQuery => format!("CAST({decimal} AS BIGNUMERIC)"),
            Self::Snowflake => format!("CAST({decimal} AS NUMBER(38,{scale}))"),
            _ => format!("CAST({decimal} AS DECIMAL(38,{scale}))"),
        }
    }
}
