//! Names of columns in German, French and Spanish, as data: what a spreadsheet calls them is read as the
//! English name is. Case, accents, umlauts (`ü`, `ue`, `u`) and signs between words do not matter.
//!
//! A word that means two things in such a table is not here: *Ausgaben* may be outputs
//! or spending, *Anzahl* counts anything, *Cache-Token* may be read or written, *Zeit* may be how long it
//! took, *importe*, *total* and *Summe* are money only where there are no counts. A mapping says those.

/// English names that formats ask for, and what others call the same.
const WORDS: [(&str, &[&str]); 21] = [
    ("provider", &["Anbieter", "fournisseur", "proveedor"]),
    (
        "model",
        &[
            "Modell",
            "Modellname",
            "Modell-ID",
            "Name des Modells",
            "modèle",
            "nom du modèle",
            "modelo",
            "nombre del modelo",
        ],
    ),
    ("timestamp", &["Zeitstempel", "Zeitpunkt", "horodatage", "marca de tiempo"]),
    ("date", &["Datum", "Nutzungsdatum", "jour", "fecha", "día"]),
    ("month", &["Monat", "mois", "mes"]),
    ("period", &["Zeitraum", "Abrechnungszeitraum", "période", "periodo"]),
    ("request_id", &["Anfrage-ID", "ID de requête", "identifiant de requête", "ID de solicitud"]),
    ("project", &["Projekt", "Projektname", "projet", "proyecto"]),
    ("api_key", &["API-Schlüssel", "clé API", "clave API"]),
    ("user", &["Benutzer", "Nutzer", "utilisateur", "usuario"]),
    (
        "requests",
        &[
            "Anfragen",
            "Anzahl Anfragen",
            "Anzahl der Anfragen",
            "requêtes",
            "nombre de requêtes",
            "solicitudes",
            "número de solicitudes",
            "peticiones",
        ],
    ),
    (
        "input_tokens",
        &[
            "Eingabe-Token",
            "Eingabe-Tokens",
            "Eingabetoken",
            "Eingabetokens",
            "Input-Token",
            "Prompt-Token",
            "Token (Eingabe)",
            "Tokens (Eingabe)",
            "Eingabe",
            "jetons d'entrée",
            "tokens d'entrée",
            "tokens en entrée",
            "entrée",
            "tokens de entrada",
            "entrada",
        ],
    ),
    (
        "output_tokens",
        &[
            "Ausgabe-Token",
            "Ausgabe-Tokens",
            "Ausgabetoken",
            "Ausgabetokens",
            "Output-Token",
            "Completion-Token",
            "Token (Ausgabe)",
            "Tokens (Ausgabe)",
            "Ausgabe",
            "jetons de sortie",
            "tokens de sortie",
            "tokens en sortie",
            "sortie",
            "tokens de salida",
            "salida",
        ],
    ),
    (
        "cached_tokens",
        &[
            "Gecachte Token",
            "Gecachte Tokens",
            "davon gecacht",
            "Zwischengespeicherte Token",
            "Zwischengespeicherte Tokens",
            "Gecachte Eingabe-Token",
            "Gecachte Eingabe",
            "Cached-Token",
            "jetons en cache",
            "tokens en cache",
            "tokens de entrada en caché",
        ],
    ),
    (
        "reasoning_tokens",
        &[
            "Reasoning-Token",
            "Denk-Token",
            "jetons de raisonnement",
            "tokens de raisonnement",
            "tokens de razonamiento",
        ],
    ),
    (
        "total_tokens",
        &[
            "Gesamt-Token",
            "Gesamt-Tokens",
            "Gesamttoken",
            "Token gesamt",
            "Tokens gesamt",
            "jetons totaux",
            "total des jetons",
            "tokens totales",
            "total de tokens",
        ],
    ),
    (
        "input_cost",
        &[
            "Eingabe-Kosten",
            "Kosten Eingabe",
            "coût d'entrée",
            "costo de entrada",
            "coste de entrada",
        ],
    ),
    (
        "output_cost",
        &[
            "Ausgabe-Kosten",
            "Kosten Ausgabe",
            "coût de sortie",
            "costo de salida",
            "coste de salida",
        ],
    ),
    ("total_cost", &["Gesamtkosten", "Kosten gesamt", "coût total", "costo total", "coste total"]),
    ("cost", &["Kosten", "coût", "coûts", "costo", "coste", "costos", "costes"]),
    ("currency", &["Währung", "devise", "monnaie", "moneda", "divisa"]),
];

/// Words that count or decide a price, in names of columns that nobody reads.
const COUNTING: [&str; 24] = [
    "kosten",
    "preis",
    "gebuhr",
    "gebuhren",
    "betrag",
    "anzahl",
    "anfragen",
    "ausgaben",
    "suchen",
    "bilder",
    "sekunden",
    "rabatt",
    "guthaben",
    "jetons",
    "cout",
    "prix",
    "frais",
    "montant",
    "recherches",
    "precio",
    "costo",
    "coste",
    "tarifa",
    "busqudas",
];

/// Words that make of such a name something else: a price of one, a limit, a share.
const OTHERWISE: [&str; 8] = ["pro", "je", "par", "por", "limit", "budget", "prozent", "max"];

/// True for a name in another language than English that says the same as an English one.
pub(super) fn means(have: &str, name: &str) -> bool {
    let words =
        WORDS.iter().find(|(english, _)| *english == name).map_or(&[][..], |(_, words)| words);
    if words.is_empty() {
        return false;
    }
    let have = folded(have);
    words.iter().any(|word| folded(word) == have)
}

/// True for a name that says in another language that it counts something or is a price.
pub(super) fn counts_or_prices(name: &str) -> bool {
    let name = folded(name);
    let has = |words: &[&str]| name.split('_').any(|word| words.contains(&word));
    has(&COUNTING) && !has(&OTHERWISE)
}

/// A name without what people write in different ways.
fn folded(name: &str) -> String {
    let mut plain = String::with_capacity(name.len() + 4);
    let mut before_is_small = false;
    for c in name.trim().chars() {
        // Accents that stand behind their letter, as some programs write them.
        if ('\u{300}'..='\u{36f}').contains(&c) {
            continue;
        }
        let is_sign = !c.is_alphanumeric();
        if (is_sign || (c.is_uppercase() && before_is_small)) && !plain.ends_with('_') {
            plain.push('_');
        }
        before_is_small = c.is_lowercase() || c.is_numeric();
        if !is_sign {
            c.to_lowercase().for_each(|c| push_plain(&mut plain, c));
        }
    }
    // `Waehrung` is `Währung`.
    plain.trim_matches('_').replace("ae", "a").replace("oe", "o").replace("ue", "u")
}

/// A letter without its accent.
fn push_plain(plain: &mut String, c: char) {
    let letter = match c {
        'ä' | 'á' | 'à' | 'â' | 'ã' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ö' | 'ó' | 'ò' | 'ô' => 'o',
        'ü' | 'ú' | 'ù' | 'û' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        'ß' => return plain.push_str("ss"),
        other => other,
    };
    plain.push(letter);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_umlauts_and_signs_do_not_matter() {
        for (have, name) in [
            ("Modell", "model"),
            ("MODELL", "model"),
            ("Eingabe-Token", "input_tokens"),
            ("eingabe_token", "input_tokens"),
            ("EingabeToken", "input_tokens"),
            ("Token (Ausgabe)", "output_tokens"),
            ("Währung", "currency"),
            ("Waehrung", "currency"),
            ("WA\u{308}HRUNG", "currency"),
            ("Wahrung", "currency"),
            ("Coût", "cost"),
            ("Jetons d’entrée", "input_tokens"),
            ("Tokens de entrada", "input_tokens"),
            ("Modèle", "model"),
        ] {
            assert!(means(have, name), "{have}: {name}");
        }
        for (have, name) in [
            ("Ausgaben", "output_tokens"),
            ("Ausgaben", "cost"),
            ("Anzahl", "requests"),
            ("model", "model"),
        ] {
            assert!(!means(have, name), "{have}: {name}");
        }
    }

    #[test]
    fn a_word_means_one_thing() {
        let all = WORDS.iter().flat_map(|(_, words)| *words).map(|word| folded(word));
        let mut all: Vec<String> = all.collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
        assert!(COUNTING.iter().all(|word| folded(word) == *word));
    }

    #[test]
    fn what_counts_is_seen_in_other_languages() {
        for name in ["Gebühren", "Anzahl Bilder", "Prix unitaire", "Ausgaben (EUR)", "búsquedas"]
        {
            assert!(counts_or_prices(name), "{name}");
        }
        for name in ["Preis pro Anfrage", "Abteilung", "Bemerkung", "équipe", "nota"] {
            assert!(!counts_or_prices(name), "{name}");
        }
    }
}
