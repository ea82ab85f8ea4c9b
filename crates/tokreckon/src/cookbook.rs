//! Recipes: what billing code does most, each a whole program that is compiled and run with the tests.
//!
//! - [Price a response](#price-a-response)
//! - [A day's usage](#a-days-usage)
//! - [A month by customer, in cents](#a-month-by-customer-in-cents)
//! - [Own prices](#own-prices)
//! - [A budget gate before sending](#a-budget-gate-before-sending)
//! - [An audit in a service](#an-audit-in-a-service)
//! - [Charges to keep](#charges-to-keep)
//! - [Decimals, cents and rounding](#decimals-cents-and-rounding)
//! - [A handler that shares the book](#a-handler-that-shares-the-book)
//!
//! # Price a response
//!
//! The body as it came: its model, its time, its service tier and its counts are read from it. Those of
//! Anthropic and Google do not say when they were made: there the service's own clock does
//! ([`PriceBook::price_response_at`](crate::book::PriceBook::price_response_at)).
//!
//! ```
//! use tokreckon::prelude::*;
//!
//! let body = r#"{"id": "chatcmpl-1", "object": "chat.completion", "created": 1744186226,
//!     "model": "o1-mini", "usage": {"prompt_tokens": 57, "completion_tokens": 2167,
//!     "total_tokens": 2224, "prompt_tokens_details": {"cached_tokens": 0},
//!     "completion_tokens_details": {"reasoning_tokens": 1984}}}"#;
//! let charge = PriceBook::builtin().price_response("openai", body)?;
//! assert_eq!(charge.to_string(), "0.0095975 USD (exact)");
//! // What takes something for granted is an error here; its grade says whether it is one number.
//! let charge = charge.strict()?;
//! for line in &charge.lines {
//!     println!("{}: {} tokens", line.meter, line.quantity);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A day's usage
//!
//! An export or a log, grouped and totalled. Rows that cannot be read are counted and listed, records
//! without a price are named: nothing is lost.
//!
//! ```
//! use tokreckon::prelude::*;
//!
//! let export = "timestamp,provider,model,project,input_tokens,cached_tokens,output_tokens
//! 2025-04-09T08:10:26Z,openai,o1-mini,search,57,0,2167
//! 2025-04-09T09:00:00Z,openai,o1-mini,chat,1000000,500000,0
//! 2025-04-10T09:00:00Z,openai,o1-mini,chat,1000,0,10
//! ";
//! let day = Period::parse("2025-04-09")?;
//! let run = Pipeline::new(&PriceBook::builtin())
//!     .by([Dimension::Project])
//!     .only(Filter::default().since(day.start).until(day.end))
//!     .read(export.as_bytes())?;
//! for group in &run.report.groups {
//!     for (currency, cost) in &group.costs {
//!         println!("{}: {} {currency} ({})", group.labels[0], cost.low, group.grade());
//!     }
//! }
//! assert_eq!(run.report.total.costs[&Currency::USD].low.to_string(), "0.8345975");
//! assert_eq!((run.not_asked_for, run.report.total.records.not_charged), (1, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A month by customer, in cents
//!
//! With an agreed discount, each customer's sum rounded by name. An invoice is for what is exact: a group
//! with a record without a price has no single amount, and a row that cannot be read is in no group, since
//! nobody knows whose it is.
//!
//! ```
//! use tokreckon::ledger::Adjustment;
//! use tokreckon::money::Rounding;
//! use tokreckon::prelude::*;
//!
//! let export = "timestamp,provider,model,user,input_tokens,cached_tokens,output_tokens
//! 2026-10-02T10:00:00Z,openai,gpt-4o,acme,1001000,0,33300
//! 2026-10-12T10:00:00Z,openai,gpt-4o,zeta,12000,3000,999
//! 2026-10-20T10:00:00Z,openai,no-such-model,zeta,12,0,9
//! 2026-10-31T23:59:59Z,openai,gpt-4o,zeta,5,0,x
//! ";
//! let settings = Settings {
//!     by: vec![Dimension::User],
//!     adjustments: vec![Adjustment {
//!         provider: Some("openai".to_owned()),
//!         model: None,
//!         factor: "0.9".parse()?,
//!     }],
//!     ..Settings::default()
//! };
//! let month = Period::month("2026-10-01T00:00:00Z".parse()?).ok_or("no such month")?;
//! let run = Pipeline::new(&PriceBook::builtin())
//!     .settings(settings)
//!     .only(Filter::default().since(month.start).until(month.end))
//!     .read(export.as_bytes())?;
//!
//! let mut invoices = Vec::new();
//! for group in run.report.groups.iter().filter(|group| group.grade() == Grade::Exact) {
//!     let cost = group.cost_in(Currency::USD).single().ok_or("exact in another currency")?;
//!     let cents = cost.rounded(2, Rounding::HalfUp).to_string_padded(2);
//!     invoices.push(format!("{}: {cents} USD", group.labels[0]));
//! }
//! assert_eq!(invoices, ["acme: 2.55 USD"]);
//! // What is left to do before the month is closed.
//! assert_eq!(run.files.iter().map(|file| file.rejected).sum::<u64>(), 1);
//! assert_eq!(run.rejects[0].1.line, 5);
//! for point in run.report.open_points() {
//!     println!("{} {}", point.says, point.hint.map_or_else(String::new, |hint| hint.to_string()));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Own prices
//!
//! Negotiated or missing prices, on top of the built-in book. [`tokreckon_data::schema`] says what a
//! price file may hold. A price is for the ids that it lists: list the dated one as well, which is what
//! responses name.
//!
//! ```
//! use tokreckon::prelude::*;
//!
//! let prices = r#"
//! provider = "my-gateway"
//! currency = "USD"
//!
//! [[price]]
//! models = ["large", "large-2026"]
//! from = 2026-01-01
//! input = "0.88"
//! output = "3.52"
//! "#;
//! let book = PriceBook::builtin().with_prices(prices)?;
//! let day = Period::parse("2026-03-01")?;
//! let card = book.find(&Query::new("my-gateway", "large", day))?;
//! let usage = Usage::NONE.with(Meter::Input, 1_000_000).with(Meter::Output, 250_000);
//! assert_eq!(card.charge(&usage)?.to_string(), "1.76 USD (exact)");
//!
//! // A mistake is told with its line.
//! let error = PriceBook::builtin().with_prices("provider = 1").unwrap_err();
//! assert_eq!(error.mistakes[0].line, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A budget gate before sending
//!
//! The most that a request can cost: its prompt's upper bound, written to a cache where it asks for that
//! or the seller may do so unasked, and its own limit of output for each choice. A bound that is not known
//! lets nothing pass. Fees of tools that the provider runs come on top.
//!
//! ```
//! use tokreckon::estimate::{Output, Prompts, Sending, cost};
//! use tokreckon::prelude::*;
//! use tokreckon::reasoning::CapBounds;
//! use tokreckon::request::{CountOptions, Request};
//!
//! fn may_be_sent(
//!     book: &PriceBook<'_>,
//!     provider: &str,
//!     body: &str,
//!     today: Period,
//!     budget: Money,
//! ) -> Result<bool, Box<dyn std::error::Error>> {
//!     let request = Request::from_json(body)?;
//!     let sending = Sending::of(&request);
//!     let model = request.model().ok_or("no model")?;
//!     // At some models the limit does not hold for thinking.
//!     let cap = sending.request_cap(model, sending.thinking);
//!     let Some(cap) = cap.filter(|cap| cap.bounds == CapBounds::Output) else { return Ok(false) };
//!     let most = u128::from(cap.tokens) * u128::from(sending.choices);
//!     let prompt = request.count(&CountOptions::default()).total().band();
//!     let prompt = Prompts {
//!         low: prompt.low,
//!         high: prompt.high,
//!         cached: 0,
//!         requests: 1,
//!         writes: sending.cache_writes,
//!     };
//!     let card = book.find(&Query::new(provider, model, today))?;
//!     let cost = cost(&card, &[prompt], Output { low: 0, high: Some(most), thinking: None })?;
//!     if cost.bounds.open {
//!         return Ok(false);
//!     }
//!     let most = Money { amount: cost.bounds.high, currency: cost.currency };
//!     Ok(most.compare(budget)?.is_le())
//! }
//!
//! let book = PriceBook::builtin();
//! // A service takes `Period::at(jiff::Timestamp::now().into())`.
//! let today = Period::parse("2025-04-09")?;
//! let body = |more: &str| {
//!     format!(r#"{{"model": "gpt-4o", "messages": [{{"role": "user", "content": "Hello"}}]{more}}}"#)
//! };
//! let passes = |body: &str| may_be_sent(&book, "openai", body, today, "0.02 USD".parse()?);
//! assert!(passes(&body(r#", "max_tokens": 1000"#))?);
//! assert!(!passes(&body(r#", "max_tokens": 1000, "n": 3"#))?);
//! assert!(!passes(&body(""))?, "nothing bounds the output");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # An audit in a service
//!
//! Usage against the rules of arithmetic, the facts of the book, and a bill. One pipeline serves many
//! uploads, each read as it comes; the clock is the service's own.
//!
//! ```
//! use tokreckon::prelude::*;
//! use tokreckon::reconcile::Bill;
//!
//! let mut bill = Bill::default();
//! bill.add_total("5.50 USD".parse()?)?;
//! let now = Period::parse("2025-05-01")?.start;
//! let book = PriceBook::builtin();
//! let pipeline = Pipeline::new(&book).provider("openai").audited(now).against(bill);
//!
//! let upload = "model,input_tokens,output_tokens,cached_tokens,reasoning_tokens,timestamp
//! o1-mini,1000000,1000000,500000,,2025-04-09T08:00:00Z
//! o1-mini,10,20,0,30,2025-04-09T08:00:00Z
//! ";
//! let run = pipeline.read(upload.as_bytes())?;
//! let audit = run.audit.ok_or("an audit was asked for")?;
//! let codes: Vec<&str> = audit.findings.iter().map(|finding| finding.code.name()).collect();
//! assert!(codes.contains(&"reasoning-above-output"), "{codes:?}");
//! let comparison = run.reconciliation.ok_or("there is a bill")?;
//! for ((currency, cause), sum) in &comparison.causes {
//!     println!("{} {currency}: {}", sum.amount, cause.name());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Charges to keep
//!
//! A charge borrows from the book; its document owns what it says, with every digit and every source, and
//! is read back by any version that knows its shape (with the feature `serde`). Whose it is, and the id and
//! the model of the response, the service keeps beside it.
//!
//! ```
//! # #[cfg(feature = "serde")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use tokreckon::prelude::*;
//!
//! let body = r#"{"model": "o1-mini", "created": 1744186226, "usage": {"prompt_tokens": 57,
//!     "completion_tokens": 2167, "prompt_tokens_details": {"cached_tokens": 0}}}"#;
//! let charge = PriceBook::builtin().price_response("openai", body)?;
//! let kept = serde_json::to_string(&charge)?;
//!
//! let read: ChargeDocument = serde_json::from_str(&kept)?;
//! assert_eq!(read, ChargeDocument::from(&charge));
//! assert_eq!(read.total.money()?, charge.exact());
//! // Enough to explain it later: who, which model, when.
//! assert_eq!([&*read.provider, &*read.model], ["openai", "o1-mini"]);
//! assert_eq!(read.period.as_deref(), Some("2025-04-09T08:10:26Z"));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "serde"))]
//! # fn main() {}
//! ```
//!
//! # Decimals, cents and rounding
//!
//! [`Money`](crate::money::Money) is exact; [`rust_decimal::Decimal`] goes in and out, or is an error.
//! Nothing rounds unless a place and a mode are named.
//!
//! ```
//! use rust_decimal::Decimal;
//! use tokreckon::money::Rounding;
//! use tokreckon::prelude::*;
//!
//! let money: Money = "0.0095975 USD".parse()?;
//! let decimal = Decimal::try_from(money)?;
//! assert_eq!(decimal, "0.0095975".parse()?);
//! assert_eq!(Exact::try_from(decimal)?, money.amount);
//!
//! let cents = money.amount.rounded(2, Rounding::HalfUp);
//! assert_eq!(cents.to_string_padded(2), "0.01");
//!
//! let all = ["0.10 USD", "0.20 USD"].map(|text| text.parse::<Money>());
//! let all = all.into_iter().collect::<Result<Vec<_>, _>>()?;
//! assert_eq!(all.into_iter().try_sum()?.ok_or("nothing")?.to_string(), "0.3 USD");
//! let euros: Money = "1 EUR".parse()?;
//! assert!(money.plus(euros).is_err(), "no rates of our own");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A handler that shares the book
//!
//! A book is `Send`, `Sync` and cheap to clone: it goes into the state that handlers share, as with
//! axum's `State<Arc<App>>`. Errors have a stable code for the client and a hint for people.
//!
//! ```
//! use std::sync::Arc;
//! use tokreckon::prelude::*;
//!
//! struct App {
//!     book: PriceBook<'static>,
//! }
//!
//! /// With axum: `async fn price(State(app): State<Arc<App>>, body: String)`.
//! fn price(app: &Arc<App>, body: &str) -> (u16, String) {
//!     match app.book.price_response("openai", body) {
//!         Ok(charge) => (200, charge.to_string()),
//!         Err(error) => {
//!             let hint = error.hint(&app.book).map(|hint| hint.to_string()).unwrap_or_default();
//!             (422, format!("{}: {error} {hint}", error.code()))
//!         }
//!     }
//! }
//!
//! let app = Arc::new(App { book: PriceBook::builtin() });
//! let body = r#"{"model": "no-such-model", "created": 1744186226,
//!     "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}"#;
//! let threads: Vec<_> = (0..2)
//!     .map(|_| {
//!         let app = Arc::clone(&app);
//!         std::thread::spawn(move || price(&app, body))
//!     })
//!     .collect();
//! for thread in threads {
//!     let (status, text) = thread.join().expect("no panic");
//!     assert_eq!((status, text.starts_with("unknown-model: ")), (422, true));
//! }
//! ```
