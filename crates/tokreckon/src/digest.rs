//! Digests of bytes: the same on every machine and in every version, so they may be written down.

/// 128 bits that stand for bytes.
#[must_use]
pub fn digest(bytes: &[u8]) -> u128 {
    let mut digest = Digest::default();
    digest.write(bytes);
    digest.finish()
}

/// A digest of bytes that come piece by piece.
#[derive(Clone, Debug)]
pub struct Digest(siphasher::sip128::SipHasher24);

impl Default for Digest {
    fn default() -> Self {
        // The keys are a name: a digest under them is compared with others under them only.
        let keys = (u64::from_be_bytes(*b"tokrecko"), u64::from_be_bytes(*b"n-cells1"));
        Self(siphasher::sip128::SipHasher24::new_with_keys(keys.0, keys.1))
    }
}

impl Digest {
    /// Adds a piece.
    pub fn write(&mut self, bytes: &[u8]) {
        std::hash::Hasher::write(&mut self.0, bytes);
    }

    /// The digest of all pieces.
    #[must_use]
    pub fn finish(&self) -> u128 {
        siphasher::sip128::Hasher128::finish128(&self.0).as_u128()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_the_digest_of_the_whole() {
        let mut pieces = Digest::default();
        pieces.write(b"to");
        pieces.write(b"");
        pieces.write(b"ken");
        assert_eq!(pieces.finish(), digest(b"token"));
        // Written down in saved ledgers: it must never be another one.
        assert_eq!(format!("{:032x}", digest(b"token")), "5288657c203acb74bf5c6147359dca9b");
    }
}
