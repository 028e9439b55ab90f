//! Kinds of files beside checkpoints and LoRAs: their true names, few of them.

use serde_json::{Value, json};

/// Name, what the file is, tensors.
pub type Case = (&'static str, Value, &'static [(&'static str, &'static [u64])]);

/// Every kind, with what it is told by.
pub fn other() -> Vec<Case> {
    vec![
        (
            "controlnet_sd1_ldm",
            json!({"type": "controlnet", "architecture": "sd1"}),
            &[
                ("control_model.zero_convs.0.0.weight", &[320, 320, 1, 1]),
                ("control_model.input_hint_block.0.weight", &[16, 3, 3, 3]),
                ("control_model.input_blocks.0.0.weight", &[320, 4, 3, 3]),
                ("control_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight", &[640, 768]),
                ("control_model.middle_block_out.0.weight", &[1280, 1280, 1, 1]),
                ("control_model.time_embed.0.weight", &[1280, 320]),
            ],
        ),
        (
            "controlnet_sd2_ldm",
            json!({"type": "controlnet", "architecture": "sd2"}),
            &[
                ("control_model.zero_convs.0.0.weight", &[320, 320, 1, 1]),
                ("control_model.input_hint_block.0.weight", &[16, 3, 3, 3]),
                ("control_model.input_blocks.0.0.weight", &[320, 4, 3, 3]),
                ("control_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight", &[640, 1024]),
                ("control_model.middle_block_out.0.weight", &[1280, 1280, 1, 1]),
                ("control_model.time_embed.0.weight", &[1280, 320]),
            ],
        ),
        (
            "controlnet_sdxl_diffusers",
            json!({"type": "controlnet", "architecture": "sdxl"}),
            &[
                ("controlnet_cond_embedding.conv_in.weight", &[16, 3, 3, 3]),
                ("controlnet_down_blocks.0.weight", &[320, 320, 1, 1]),
                ("conv_in.weight", &[320, 4, 3, 3]),
                ("down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight", &[640, 2048]),
            ],
        ),
        (
            "controlnet_flux_diffusers",
            json!({"type": "controlnet", "architecture": "flux1"}),
            &[
                ("controlnet_x_embedder.weight", &[3072, 64]),
                ("controlnet_blocks.0.weight", &[3072, 3072]),
                ("transformer_blocks.0.attn.norm_added_k.weight", &[128]),
                ("single_transformer_blocks.0.attn.norm_k.weight", &[128]),
            ],
        ),
        (
            "controlnet_lllite_sdxl",
            json!({"type": "controlnet", "architecture": "sdxl"}),
            &[
                ("lllite_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q.conditioning1.0.weight", &[16, 3, 4, 4]),
                ("lllite_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q.down.0.weight", &[64, 640]),
            ],
        ),
        (
            "control_lora_sdxl",
            json!({"type": "control_lora", "architecture": "sdxl"}),
            &[
                ("lora_controlnet", &[0]),
                ("input_blocks.4.1.transformer_blocks.0.attn2.to_k.down", &[128, 2048]),
                ("input_blocks.4.1.transformer_blocks.0.attn2.to_k.up", &[640, 128]),
                ("input_hint_block.0.weight", &[16, 3, 3, 3]),
            ],
        ),
        (
            "control_lora_flux_bfl",
            json!({"type": "control_lora", "architecture": "flux1"}),
            &[
                ("img_in.lora_A.weight", &[128, 128]),
                ("img_in.lora_B.weight", &[3072, 128]),
                ("double_blocks.0.img_attn.norm.key_norm.scale", &[128]),
                ("double_blocks.0.img_attn.qkv.lora_A.weight", &[128, 3072]),
                ("double_blocks.0.img_attn.qkv.lora_B.weight", &[9216, 128]),
                ("double_blocks.0.img_attn.qkv.lora_B.bias", &[9216]),
            ],
        ),
        (
            "t2i_adapter_sd1",
            json!({"type": "t2i_adapter", "architecture": null}),
            &[
                ("adapter.body.0.resnets.0.block1.weight", &[320, 320, 3, 3]),
                ("adapter.conv_in.weight", &[320, 64, 3, 3]),
            ],
        ),
        (
            "ip_adapter_sd1",
            json!({"type": "ip_adapter", "architecture": "sd1"}),
            &[
                ("image_proj.proj.weight", &[3072, 1024]),
                ("image_proj.norm.weight", &[768]),
                ("ip_adapter.1.to_k_ip.weight", &[320, 768]),
                ("ip_adapter.1.to_v_ip.weight", &[320, 768]),
            ],
        ),
        (
            "ip_adapter_sdxl",
            json!({"type": "ip_adapter", "architecture": "sdxl"}),
            &[("image_proj.proj.weight", &[8192, 1280]), ("ip_adapter.1.to_k_ip.weight", &[640, 2048])],
        ),
        (
            "redux_flux",
            json!({"type": "style_adapter", "architecture": "flux1"}),
            &[("redux_down.weight", &[4096, 12288]), ("redux_up.weight", &[12288, 1152])],
        ),
        (
            "motion_module_v2",
            json!({"type": "motion_module", "architecture": "sd1"}),
            &[
                ("down_blocks.0.motion_modules.0.temporal_transformer.norm.weight", &[320]),
                (
                    "down_blocks.0.motion_modules.0.temporal_transformer.transformer_blocks.0.attention_blocks.0.to_q.weight",
                    &[320, 320],
                ),
                ("mid_block.motion_modules.0.temporal_transformer.norm.weight", &[1280]),
            ],
        ),
        (
            "vae_sd_ldm",
            json!({"type": "vae", "architecture": "sd1", "arch_alternatives": ["sd1", "sd2", "sdxl"]}),
            &[
                ("encoder.conv_in.weight", &[128, 3, 3, 3]),
                ("decoder.conv_in.weight", &[512, 4, 3, 3]),
                ("quant_conv.weight", &[8, 8, 1, 1]),
                ("post_quant_conv.weight", &[4, 4, 1, 1]),
                ("decoder.mid.attn_1.q.weight", &[512, 512, 1, 1]),
            ],
        ),
        (
            "vae_sd_prefixed",
            json!({"type": "vae", "architecture": "sd1", "arch_alternatives": ["sd1", "sd2", "sdxl"]}),
            &[
                ("first_stage_model.encoder.conv_in.weight", &[128, 3, 3, 3]),
                ("first_stage_model.decoder.conv_in.weight", &[512, 4, 3, 3]),
            ],
        ),
        (
            "vae_flux1_bfl",
            json!({"type": "vae", "architecture": "flux1", "arch_alternatives": ["flux1", "sd3", "z-image", "lumina2", "chroma", "hidream-i1"]}),
            &[("encoder.conv_in.weight", &[128, 3, 3, 3]), ("decoder.conv_in.weight", &[512, 16, 3, 3])],
        ),
        (
            "vae_flux2",
            json!({"type": "vae", "architecture": "flux2-dev", "arch_alternatives": ["flux2-dev", "flux2-klein-4b", "flux2-klein-9b"]}),
            &[
                ("encoder.conv_in.weight", &[128, 3, 3, 3]),
                ("decoder.conv_in.weight", &[512, 32, 3, 3]),
                ("bn.running_mean", &[128]),
            ],
        ),
        (
            "vae_wan21_native",
            json!({"type": "vae", "architecture": "wan-14b", "arch_alternatives": ["wan-14b", "wan-1.3b", "qwen-image", "anima"]}),
            &[
                ("encoder.conv1.weight", &[96, 3, 3, 3, 3]),
                ("decoder.conv1.weight", &[384, 16, 3, 3, 3]),
                ("decoder.middle.0.residual.0.gamma", &[384, 1, 1, 1]),
            ],
        ),
        (
            "vae_wan22_native",
            json!({"type": "vae", "architecture": "wan-5b"}),
            &[
                ("encoder.conv1.weight", &[160, 12, 3, 3, 3]),
                ("decoder.conv1.weight", &[1024, 48, 3, 3, 3]),
                ("decoder.middle.0.residual.0.gamma", &[1024, 1, 1, 1]),
            ],
        ),
        (
            "taesd_decoder",
            json!({"type": "vae_approx", "architecture": null}),
            &[
                ("1.weight", &[64, 4, 3, 3]),
                ("3.conv.0.weight", &[64, 64, 3, 3]),
                ("3.conv.2.weight", &[64, 64, 3, 3]),
                ("18.weight", &[3, 64, 3, 3]),
            ],
        ),
        ("embedding_sd1", json!({"type": "embedding", "architecture": "sd1"}), &[("emb_params", &[4, 768])]),
        ("embedding_sd2", json!({"type": "embedding", "architecture": "sd2"}), &[("emb_params", &[8, 1024])]),
        (
            "embedding_sdxl",
            json!({"type": "embedding", "architecture": "sdxl"}),
            &[("clip_l", &[4, 768]), ("clip_g", &[4, 1280])],
        ),
        ("embedding_diffusers", json!({"type": "embedding", "architecture": "sd1"}), &[("<my-token>", &[768])]),
        (
            "text_encoder_clip_l",
            json!({"type": "text_encoder", "architecture": null, "subtype": "clip_l"}),
            &[
                ("text_model.embeddings.token_embedding.weight", &[49408, 768]),
                ("text_model.encoder.layers.0.mlp.fc1.weight", &[3072, 768]),
                ("text_model.encoder.layers.11.mlp.fc1.weight", &[3072, 768]),
            ],
        ),
        (
            "text_encoder_clip_g",
            json!({"type": "text_encoder", "architecture": null, "subtype": "clip_g"}),
            &[
                ("text_model.embeddings.token_embedding.weight", &[49408, 1280]),
                ("text_model.encoder.layers.30.mlp.fc1.weight", &[5120, 1280]),
            ],
        ),
        (
            "text_encoder_t5xxl",
            json!({"type": "text_encoder", "architecture": null, "subtype": "t5xxl"}),
            &[
                ("shared.weight", &[32128, 4096]),
                ("encoder.block.0.layer.0.SelfAttention.q.weight", &[4096, 4096]),
                ("encoder.block.23.layer.1.DenseReluDense.wi_1.weight", &[10240, 4096]),
            ],
        ),
        (
            "text_encoder_umt5",
            json!({"type": "text_encoder", "architecture": null, "subtype": "umt5-xxl"}),
            &[
                ("shared.weight", &[256384, 4096]),
                ("encoder.block.0.layer.0.SelfAttention.q.weight", &[4096, 4096]),
                ("encoder.block.23.layer.1.DenseReluDense.wi_1.weight", &[10240, 4096]),
            ],
        ),
        (
            "text_encoder_t5xxl_old",
            json!({"type": "text_encoder", "architecture": null, "subtype": "t5xxl-old"}),
            &[
                ("shared.weight", &[32128, 1024]),
                ("encoder.block.0.layer.0.SelfAttention.q.weight", &[16384, 1024]),
                ("encoder.block.23.layer.1.DenseReluDense.wi.weight", &[65536, 1024]),
            ],
        ),
        (
            "text_encoder_mistral_small",
            json!({"type": "text_encoder", "architecture": null, "subtype": "mistral-small-3.1"}),
            &[
                ("model.embed_tokens.weight", &[131072, 5120]),
                ("model.layers.0.self_attn.k_proj.weight", &[1024, 5120]),
                ("model.layers.39.post_attention_layernorm.weight", &[5120]),
            ],
        ),
        (
            "vae_of_wan_or_qwen_image",
            json!({"type": "vae", "architecture": "wan-14b"}),
            &[
                ("decoder.conv1.weight", &[384, 16, 3, 3, 3]),
                ("decoder.middle.0.residual.0.gamma", &[384, 1, 1, 1]),
                ("conv1.weight", &[32, 32, 1, 1, 1]),
            ],
        ),
        (
            "text_encoder_qwen3_4b",
            json!({"type": "text_encoder", "architecture": null, "subtype": "qwen3-4b"}),
            &[
                ("model.embed_tokens.weight", &[151936, 2560]),
                ("model.layers.0.self_attn.q_norm.weight", &[128]),
                ("model.layers.0.self_attn.k_proj.weight", &[1024, 2560]),
                ("model.layers.35.mlp.gate_proj.weight", &[9728, 2560]),
            ],
        ),
        (
            "upscaler_esrgan_old",
            json!({"type": "upscaler", "architecture": null}),
            &[
                ("model.0.weight", &[64, 3, 3, 3]),
                ("model.1.sub.0.RDB1.conv1.0.weight", &[32, 64, 3, 3]),
                ("model.10.weight", &[3, 64, 3, 3]),
            ],
        ),
        (
            "upscaler_realesrgan",
            json!({"type": "upscaler", "architecture": null}),
            &[
                ("conv_first.weight", &[64, 3, 3, 3]),
                ("body.0.rdb1.conv1.weight", &[32, 64, 3, 3]),
                ("conv_last.weight", &[3, 64, 3, 3]),
            ],
        ),
        (
            "upscaler_swinir",
            json!({"type": "upscaler", "architecture": null}),
            &[
                ("conv_first.weight", &[180, 3, 3, 3]),
                ("layers.0.residual_group.blocks.0.attn.qkv.weight", &[540, 180]),
            ],
        ),
        (
            "lora_with_bundled_embedding",
            json!({"type": "lora", "architecture": "sd1", "rank": 4}),
            &[
                ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight", &[4, 768]),
                ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight", &[320, 4]),
                ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.alpha", &[]),
                ("bundle_emb.mytoken.string_to_param.*", &[2, 768]),
            ],
        ),
        (
            "lora_dora_sdxl",
            json!({"type": "lora", "architecture": "sdxl", "adapter": "dora", "rank": 8}),
            &[
                ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight", &[8, 2048]),
                ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_up.weight", &[640, 8]),
                ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.dora_scale", &[1, 2048]),
                ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.alpha", &[]),
            ],
        ),
        (
            "lora_loha_sd1",
            json!({"type": "lora", "architecture": "sd1", "adapter": "loha", "rank": 8}),
            &[
                ("lora_unet_up_blocks_3_attentions_2_transformer_blocks_0_attn2_to_v.hada_w1_a", &[320, 8]),
                ("lora_unet_up_blocks_3_attentions_2_transformer_blocks_0_attn2_to_v.hada_w1_b", &[8, 768]),
                ("lora_unet_up_blocks_3_attentions_2_transformer_blocks_0_attn2_to_v.hada_w2_a", &[320, 8]),
                ("lora_unet_up_blocks_3_attentions_2_transformer_blocks_0_attn2_to_v.hada_w2_b", &[8, 768]),
                ("lora_unet_up_blocks_3_attentions_2_transformer_blocks_0_attn2_to_v.alpha", &[]),
            ],
        ),
        (
            "lora_ia3_sdxl",
            json!({"type": "lora", "architecture": "sdxl", "adapter": "ia3"}),
            &[
                ("lora_unet_output_blocks_0_1_transformer_blocks_0_attn2_to_k.weight", &[640, 1]),
                ("lora_unet_output_blocks_0_1_transformer_blocks_0_attn2_to_k.on_input", &[]),
            ],
        ),
        (
            "lora_full_diff_sdxl",
            json!({"type": "lora", "architecture": "sdxl", "adapter": "full"}),
            &[
                ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.diff", &[640, 2048]),
                ("lora_unet_input_blocks_4_1_transformer_blocks_0_norm1.w_norm", &[640]),
            ],
        ),
        (
            "llm_not_diffusion",
            json!({"type": "text_encoder", "architecture": null}),
            &[
                ("model.layers.0.self_attn.q_proj.weight", &[2048, 2048]),
                ("model.layers.1.self_attn.q_proj.weight", &[2048, 2048]),
                ("model.layers.2.self_attn.q_proj.weight", &[2048, 2048]),
                ("model.layers.3.self_attn.q_proj.weight", &[2048, 2048]),
            ],
        ),
        (
            "unrelated_resnet",
            json!({"type": "unknown", "architecture": null}),
            &[("layer1.0.conv1.weight", &[64, 64, 3, 3]), ("fc.weight", &[1000, 512])],
        ),
    ]
}
