//! The same recipe in every place and encoding that programs and sites have used.

use std::io::Write;

use genonaut_sources::picture::read;

use super::build::*;

fn utf8(prefix: &[u8]) -> Vec<u8> {
    [prefix, A1111.as_bytes()].concat()
}

#[test]
fn user_comments_are_read_in_every_encoding() {
    let with = |prefix: &[u8], text: &[u8]| [prefix, text].concat();
    for (name, value) in [
        ("big end first", with(b"UNICODE\0", &utf16be(A1111))),
        ("little end first", with(b"UNICODE\0", &utf16le(A1111))),
        ("little end first with a mark", with(b"UNICODE\0\xff\xfe", &utf16le(A1111))),
        ("big end first with a mark", with(b"UNICODE\0\xfe\xff", &utf16be(A1111))),
        ("UTF-8 behind UNICODE", utf8(b"UNICODE\0")),
        ("UTF-8 with a mark behind UNICODE", utf8(b"UNICODE\0\xef\xbb\xbf")),
        ("ASCII", utf8(b"ASCII\0\0\0")),
        ("undefined", utf8(b"\0\0\0\0\0\0\0\0")),
        ("no prefix", utf8(b"")),
        ("no prefix, big end first", utf16be(A1111)),
        ("no prefix, little end first with a mark", with(b"\xff\xfe", &utf16le(A1111))),
        ("fill bytes behind it", with(&utf8(b"ASCII\0\0\0"), &[0; 40])),
        ("wide fill bytes behind it", with(&with(b"UNICODE\0", &utf16be(A1111)), &[0; 40])),
    ] {
        println!("{name}");
        is_a1111(&jpeg_with_exif(&comment(&value)));
        is_a1111(&webp(b"EXIF", &comment(&value)));
        is_a1111(&jpeg_with_exif(&tiff(0x9286, 7, &value, true, true)));
        is_a1111(&jpeg_with_exif(&tiff(0x9286, 1, &value, false, false)));
    }
}

#[test]
fn prompts_may_begin_with_any_letter() {
    for first in ["雨の夜、路地、傘", "Дождь, ночной переулок", "“rainy night”", "🌧 rain", "Ärger"]
    {
        let text = A1111.replace("a lighthouse on a cliff", first);
        for value in [
            [&b"UNICODE\0"[..], &utf16be(&text)].concat(),
            [&b"UNICODE\0"[..], &utf16le(&text)].concat(),
            text.as_bytes().to_vec(),
        ] {
            assert_eq!(read(&jpeg_with_exif(&comment(&value))).unwrap().prompt, first);
        }
    }
    let latin1 =
        A1111.replace("a lighthouse", "café").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<_>>();
    assert_eq!(
        read(&jpeg_with_exif(&comment(&[b"ASCII\0\0\0", &latin1[..]].concat()))).unwrap().prompt,
        "café on a cliff"
    );
}

#[test]
fn exif_and_xmp_are_found_in_every_format() {
    let exif = comment(&utf8(b"ASCII\0\0\0"));
    let item = [b"\0\0\0\0", &exif[..]].concat();
    let padded = [b"\0\0\0\x06Exif\0\0", &exif[..]].concat();
    is_a1111(&with_chunks(&[chunk(b"eXIf", &exif)]));
    is_a1111(&webp(b"EXIF", &[b"Exif\0\0", &exif[..]].concat()));
    for (brand, in_idat) in [(b"avif", false), (b"avif", true), (b"heic", false), (b"mif1", true)] {
        is_a1111(&heif(brand, b"Exif", &item, in_idat));
        is_a1111(&heif(brand, b"Exif", &padded, in_idat));
        is_a1111(&heif(brand, b"mime", xmp("dc:description", A1111).as_bytes(), in_idat));
    }
    for name in ["dc:description", "exif:UserComment"] {
        let xml = xmp(name, A1111);
        is_a1111(&webp(b"XMP ", xml.as_bytes()));
        is_a1111(&jpeg(&[(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", xml.as_bytes()].concat())]));
        is_a1111(&with_chunks(&[chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", xml.as_bytes()].concat())]));
    }
    is_a1111(&exif);
    for (kind, data) in [(b"Exif", &item[..]), (b"xml ", xmp("dc:description", A1111).as_bytes())] {
        is_a1111(&jxl(kind, data));
    }
    let attribute = format!("<rdf:Description exif:UserComment=\"{}\"/>", A1111.replace('\n', "&#10;"));
    is_a1111(&webp(b"XMP ", attribute.as_bytes()));
    is_a1111(&jpeg(&[(0xfe, A1111.as_bytes())]));
    // Fill bytes before a marker.
    let filled = jpeg_with_exif(&exif);
    is_a1111(&[b"\xff\xd8\xff\xff\xff", &filled[3..]].concat());
    is_a1111(&jpeg_with_exif(&tiff(0x010e, 2, A1111.as_bytes(), false, false)));
    is_a1111(&jpeg_with_exif(&tiff(0x9c9c, 1, &utf16le(A1111), false, false)));
}

#[test]
fn packed_texts_and_odd_keywords_are_read() {
    is_a1111(&with_chunks(&[chunk(b"zTXt", &[b"parameters\0\0", &zlib(A1111.as_bytes())[..]].concat())]));
    is_a1111(&with_chunks(&[chunk(b"iTXt", &[b"parameters\0\x01\0\0\0", &zlib(A1111.as_bytes())[..]].concat())]));
    for keyword in ["Parameters", "PARAMETERS", "Comment", "Description", "UserComment"] {
        is_a1111(&with_chunks(&[chunk(b"tEXt", &[keyword.as_bytes(), b"\0", A1111.as_bytes()].concat())]));
    }
}

#[test]
fn texts_hidden_in_pixels_are_found() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(A1111.as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    for (signature, text, channels) in [
        ("stealth_pnginfo", A1111.as_bytes(), 4),
        ("stealth_pngcomp", &packed, 4),
        ("stealth_rgbinfo", A1111.as_bytes(), 3),
        ("stealth_rgbcomp", &packed, 3),
    ] {
        for height in [16, 150] {
            is_a1111(&stealth(signature, text, channels, height));
        }
    }
    assert!(read(&stealth("stealth_pnginfo", &[0xff; 40], 4, 16)).is_err());
    assert!(read(&stealth("something_other", b"x", 4, 150)).is_err());
}

/// ComfyUI's nodes for WebP and JPEG: the graph in Exif, with its name in front.
#[test]
fn graphs_are_read_from_exif() {
    const GRAPH: &str = r#"{"4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "base_xl.safetensors"}}, "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "good", "clip": ["4", 1]}}, "3": {"class_type": "KSampler", "inputs": {"seed": 8, "steps": 20, "cfg": 8.0, "sampler_name": "euler", "scheduler": "simple", "model": ["4", 0], "positive": ["6", 0], "negative": ["6", 0]}}}"#;
    for (tag, text) in [
        (0x0110, format!("prompt:{GRAPH}")),
        (0x010f, format!("Prompt: {GRAPH}\0")),
        (0x010e, format!("prompt:{GRAPH}")),
        (0x9286, GRAPH.to_owned()),
        (0x9286, format!("{{\"prompt\": {GRAPH}, \"workflow\": {{\"nodes\": []}}}}")),
    ] {
        for file in [
            jpeg_with_exif(&tiff(tag, 2, text.as_bytes(), false, false)),
            webp(b"EXIF", &tiff(tag, 2, text.as_bytes(), true, false)),
        ] {
            let made = read(&file).unwrap();
            assert_eq!(
                (made.prompt.as_str(), made.seed, made.scheduler.as_deref()),
                ("good", Some(8), Some("simple")),
                "{tag:x}"
            );
        }
    }
}
