//! The size of an image from its first bytes: PNG, JPEG, GIF and WebP, in base64 or a data URL.

use super::image::ImageSize;

/// The size of the image in a data URL, or in bare base64; `None` where it cannot be read.
pub(crate) fn size_of_base64(text: &str) -> Option<ImageSize> {
    let data = match text.get(..5) {
        Some(start) if start.eq_ignore_ascii_case("data:") => text.split_once(',')?.1,
        _ => text,
    };
    // A JPEG may carry a thumbnail and a profile before its size; nothing else needs so much.
    let data = data.get(..HEADER_CHARACTERS).unwrap_or(data);
    size_of_bytes(&decoded(data))
}

/// The size of the image that starts with these bytes.
fn size_of_bytes(bytes: &[u8]) -> Option<ImageSize> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        size(big_endian(bytes, 16, 4)?, big_endian(bytes, 20, 4)?)
    } else if bytes.starts_with(b"GIF8") {
        size(little_endian(bytes, 6, 2)?, little_endian(bytes, 8, 2)?)
    } else if bytes.starts_with(b"\xff\xd8") {
        jpeg(bytes)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12)? == b"WEBP" {
        webp(bytes)
    } else {
        None
    }
}

/// Walks the segments of a JPEG to its frame header.
fn jpeg(bytes: &[u8]) -> Option<ImageSize> {
    let mut at = 2;
    loop {
        while *bytes.get(at)? != 0xff {
            at += 1;
        }
        while *bytes.get(at)? == 0xff {
            at += 1;
        }
        let marker = *bytes.get(at)?;
        at += 1;
        match marker {
            0x01 | 0xd0..=0xd8 => {}
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return size(big_endian(bytes, at + 5, 2)?, big_endian(bytes, at + 3, 2)?);
            }
            0xd9 | 0xda => return None,
            _ => at += usize::try_from(big_endian(bytes, at, 2)?).ok()?.max(2),
        }
    }
}

/// The three kinds of WebP: lossy, lossless and extended.
fn webp(bytes: &[u8]) -> Option<ImageSize> {
    match bytes.get(12..16)? {
        b"VP8 " => {
            size(little_endian(bytes, 26, 2)? & 0x3fff, little_endian(bytes, 28, 2)? & 0x3fff)
        }
        b"VP8L" => {
            let bits = little_endian(bytes, 21, 4)?;
            size((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1)
        }
        b"VP8X" => size(little_endian(bytes, 24, 3)? + 1, little_endian(bytes, 27, 3)? + 1),
        _ => None,
    }
}

fn size(width: u32, height: u32) -> Option<ImageSize> {
    (width > 0 && height > 0).then_some(ImageSize { width, height })
}

fn big_endian(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let field = bytes.get(at..at.checked_add(length)?)?;
    Some(field.iter().fold(0, |number, &byte| number << 8 | u32::from(byte)))
}

fn little_endian(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let field = bytes.get(at..at.checked_add(length)?)?;
    Some(field.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte)))
}

/// Base64, both alphabets, up to the first character that is neither.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut length) = (0_u32, 0);
    for character in text.bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\r' | b'\n' => continue,
            _ => break,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        length += 6;
        if length >= 8 {
            length -= 8;
            bytes.push(u8::try_from((bits >> length) & 0xff).unwrap_or(0));
        }
    }
    bytes
}

/// How much of an image is looked at, base64 characters.
const HEADER_CHARACTERS: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let png = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAHCAYAAAA";
        assert_eq!(size_of_base64(png), Some(ImageSize { width: 5, height: 7 }));
        let gif = b"GIF89a\x02\x01\x03\x00";
        assert_eq!(size_of_bytes(gif), Some(ImageSize { width: 258, height: 3 }));
        let jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x0b\x08\x00\x10\x00\x20";
        assert_eq!(size_of_bytes(jpeg), Some(ImageSize { width: 32, height: 16 }));
        let webp = b"RIFF....WEBPVP8X........\x0f\x00\x00\x1f\x00\x00";
        assert_eq!(size_of_bytes(webp), Some(ImageSize { width: 16, height: 32 }));
        for bad in ["", "data:", "data:image/png;base64,", "AAAA", "iVBORw0KGgo", "\u{e9}data:,x"] {
            assert_eq!(size_of_base64(bad), None, "{bad}");
        }
    }
}
