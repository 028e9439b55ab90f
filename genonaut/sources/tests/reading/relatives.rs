//! Files of kinds that have many relatives: upscalers, face adapters, text encoders, by a few of their true names.

use genonaut_sources::header::{Header, Metadata};
use genonaut_sources::identify::{Identity, Kind};

use crate::score::{RULES, in_memory, rows};

fn identify(stem: &str, tensors: &[(&str, &[u64])]) -> Identity {
    RULES.identify(&in_memory(&rows(tensors.iter().map(|(name, shape)| (*name, shape.to_vec())))), stem)
}

#[test]
fn every_upscaler_and_restorer_is_one() {
    for (name, first) in [
        ("ESRGAN", "model.1.sub.0.RDB1.conv1.0.weight"),
        ("Real-ESRGAN", "body.0.rdb1.conv1.weight"),
        ("SwinIR", "layers.0.residual_group.blocks.0.attn.qkv.weight"),
        ("SPAN", "block_1.c1_r.sk.weight"),
        ("RealPLKSR", "feats.1.channe_mixer.0.weight"),
        ("PLKSR", "feats.1.lk.conv.weight"),
        ("OmniSR", "residual_layer.0.residual_layer.0.layer.0.fn.0.weight"),
        ("SCUNet", "m_head.0.weight"),
        ("DAT", "before_RG.1.weight"),
        ("MoSR", "gblocks.1.norm.weight"),
        ("RCAN", "body.0.body.0.body.0.weight"),
        ("GFPGAN", "stylegan_decoder.style_mlp.1.weight"),
        ("CodeFormer", "fuse_convs_dict.16.scale.0.weight"),
        ("NAFNet", "middle_blks.0.beta"),
        ("LaMa", "generator.model.1.ffc.convl2l.weight"),
        ("SPAN in a wrapper", "params_ema.block_1.c1_r.sk.weight"),
    ] {
        assert_eq!(identify("x", &[(first, &[64, 64, 3, 3])]).kind, Kind::Upscaler, "{name}");
    }
    let compact: [(&str, &[u64]); 3] =
        [("body.0.weight", &[64, 3, 3, 3]), ("body.1.weight", &[64]), ("body.2.weight", &[48, 64, 3, 3])];
    assert_eq!(identify("x", &compact).kind, Kind::Upscaler);
    let other: [(&str, &[u64]); 3] =
        [("body.0.weight", &[64, 3, 3, 3]), ("body.1.weight", &[64]), ("head.weight", &[2, 64])];
    assert_eq!(identify("x", &other).kind, Kind::Unknown, "a classifier");
}

#[test]
fn an_adapter_that_brings_a_lora_along_is_no_lora() {
    let lora: [(&str, &[u64]); 2] =
        [("ip_adapter.0.to_q_lora.down.weight", &[128, 320]), ("ip_adapter.0.to_q_lora.up.weight", &[320, 128])];
    for (tensor, shape, architecture) in [
        ("ip_adapter.1.to_k_ip.weight", &[320, 768][..], Some("sd1")),
        ("ip_adapter.1.to_k_ip.weight", &[640, 2048], Some("sdxl")),
        ("ip_adapter.0.to_k_ip.weight", &[3072, 4096], Some("flux1")),
        ("pulid_ca.0.norm1.weight", &[3072], Some("flux1")),
        ("id_adapter_attn_layers.0.id_to_k.weight", &[640, 2048], Some("sdxl")),
        ("id_encoder.visual_projection_2.weight", &[1280, 1024], None),
    ] {
        let tensors = [lora[0], lora[1], (tensor, shape)];
        let found = identify("x", &tensors);
        assert_eq!((found.kind, found.detection.architecture.as_deref()), (Kind::IpAdapter, architecture), "{tensor}");
    }
}

#[test]
fn text_encoders_are_called_what_architectures_need() {
    let of_transformers = |width: u64, words: u64, more: &[(&'static str, u64)]| {
        let mut tensors = vec![
            ("model.embed_tokens.weight", vec![words, width]),
            ("model.layers.0.input_layernorm.weight", vec![width]),
            ("model.layers.0.self_attn.q_proj.weight", vec![width, width]),
        ];
        tensors.extend(more.iter().map(|(name, length)| (*name, vec![*length])));
        RULES.identify(&in_memory(&rows(tensors)), "x").subtype
    };
    let query_norm = ("model.layers.0.self_attn.q_norm.weight", 128);
    let vision = ("visual.blocks.0.norm1.weight", 1024);
    let bias = |length| ("model.layers.0.self_attn.k_proj.bias", length);
    let gemma = ("model.layers.0.post_feedforward_layernorm.weight", 2304);
    for (width, words, more, expected) in [
        (5120, 131_072, &[][..], "mistral-small-3.1"),
        (3072, 131_072, &[], "ministral-3-3b"),
        (4096, 128_256, &[], "llama3.1-8b"),
        (4096, 128_320, &[], "llava-llama-3-8b"),
        (1024, 151_936, &[query_norm], "qwen3-0.6b"),
        (2560, 151_936, &[query_norm], "qwen3-4b"),
        (2560, 151_936, &[query_norm, vision], "qwen3-vl-4b"),
        (4096, 151_936, &[query_norm], "qwen3-8b"),
        (4096, 151_936, &[query_norm, vision], "qwen3-vl-8b"),
        (2048, 151_936, &[bias(256)], "qwen2.5-vl-3b"),
        (3584, 152_064, &[bias(512)], "qwen2.5-vl-7b"),
        (2304, 256_000, &[gemma], "gemma-2-2b"),
        (3840, 262_208, &[gemma], "gemma-3-12b"),
        (1536, 151_936, &[bias(256)], "llama"),
    ] {
        assert_eq!(of_transformers(width, words, more), Some(expected), "{width} {words}");
    }
}

#[test]
fn packed_text_encoders_are_called_what_architectures_need() {
    for (key, tensors, expected) in [
        (
            "t5encoder",
            &[
                ("enc.blk.0.attn_norm.weight", &[4096][..]),
                ("enc.blk.0.ffn_gate.weight", &[10240, 4096]),
                ("token_embd.weight", &[32128, 4096]),
            ][..],
            "t5xxl",
        ),
        (
            "t5encoder",
            &[
                ("enc.blk.0.attn_norm.weight", &[4096]),
                ("enc.blk.0.ffn_gate.weight", &[10240, 4096]),
                ("token_embd.weight", &[256_384, 4096]),
            ],
            "umt5-xxl",
        ),
        ("qwen3", &[("blk.0.attn_norm.weight", &[2560]), ("blk.0.attn_q_norm.weight", &[128])], "qwen3-4b"),
        ("qwen3vl", &[("blk.0.attn_norm.weight", &[4096]), ("blk.0.attn_q_norm.weight", &[128])], "qwen3-vl-8b"),
        ("qwen2vl", &[("blk.0.attn_norm.weight", &[3584]), ("blk.0.attn_k.bias", &[512])], "qwen2.5-vl-7b"),
        ("llama", &[("blk.0.attn_norm.weight", &[4096]), ("token_embd.weight", &[128_256, 4096])], "llama3.1-8b"),
        ("llama", &[("blk.0.attn_norm.weight", &[5120]), ("token_embd.weight", &[131_072, 5120])], "mistral-small-3.1"),
        ("gemma2", &[("blk.0.attn_norm.weight", &[2304])], "gemma-2-2b"),
    ] {
        let header = in_memory(&rows(tensors.iter().map(|(name, shape)| (*name, shape.to_vec()))));
        let metadata = Metadata(vec![("general.architecture".to_owned(), key.to_owned())]);
        assert_eq!(RULES.identify(&Header { metadata, ..header }, "x").subtype, Some(expected), "{key}");
    }
}

#[test]
fn what_is_added_to_a_model_is_none() {
    let unet: [(&str, &[u64]); 2] = [
        ("conv_in.weight", &[320, 8, 3, 3]),
        ("down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight", &[640, 768]),
    ];
    let mut tensors: Vec<(String, Vec<u64>)> =
        unet.iter().map(|(name, shape)| ((*name).to_owned(), shape.to_vec())).collect();
    tensors.extend((0..24).map(|at| (format!("up_blocks.0.resnets.{at}.conv1.weight"), vec![320, 320, 3, 3])));
    let kind = |stem| {
        let rows = rows(tensors.iter().map(|(name, shape)| (name.as_str(), shape.clone())));
        RULES.identify(&in_memory(&rows), stem).kind
    };
    assert_eq!([kind("iclight_sd15_fc"), kind("instruct-pix2pix")], [Kind::Unknown, Kind::DiffusionModel]);
}
