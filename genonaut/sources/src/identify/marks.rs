//! Names that give a kind of file away, whatever its architecture.

use regex::bytes::{RegexSet, RegexSetBuilder};

use crate::header::Header;

/// What was found among the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Restores or enlarges images, by names that nothing else has.
    Restorer,
    /// Puts a person's face into images; some bring a LoRA along.
    FaceAdapter,
    IpAdapter,
    IpAdapterFlux,
    Controlnet,
    /// Parts that only all-in-one checkpoints have.
    Component,
    LlliteUnet,
    LlliteDit,
    ControlLayers,
    ControlFlux,
    ControlQwen,
    ControlSd3,
    T2iAdapter,
    MotionModule,
    Vae,
    VaeCosmos,
    VaeMochi,
    VaeWan,
    VaeAudio,
    VaeLtx,
    TextEncoder,
    ClipVision,
    Upscaler,
    VaeApprox,
}

const MARKS: [(Mark, &str); 24] = [
    (
        Mark::Restorer,
        // In this order: SPAN, PLKSR, OmniSR, SCUNet, DAT and RGT, MoSR, DITN, RCAN, SAFMN, Real-CUGAN, GFPGAN, CodeFormer,
        // NAFNet, Restormer, LaMa, MAT, SwiftSRGAN, DDColor, FBCNN, LTX's latent upscaler.
        r"^(params(_ema)?\.|module\.|model\.|netG\.|g_ema\.|generator\.)*(block_\d+\.c1_r\.|feats\.\d+\.(lk|channe_mixer|channel_mixer|ccm|dccm|plk|attn)\.|residual_layer\.\d+\.residual_layer\.|m_(head|down1|up1|body)\.|before_RG\.|gblocks\.\d+\.|UFONE\.|body\.\d+\.body\.\d+\.|feats\.\d+\.(safm|block_\d+)\.|unet1\.conv1\.|stylegan_decoder\.|fuse_convs_dict\.|middle_blks\.|encoder_level1\.|(model\.)?\d+\.ffc\.|synthesis\.first_stage\.|initial\.cnn\.depthwise\.|decoder\.color_decoder\.|qf_pred\.|post_upsample_res_blocks\.)",
    ),
    (Mark::FaceAdapter, r"^(id_encoder\.|pulid_(encoder|ca)\.|id_adapter(_attn_layers)?\.)"),
    (Mark::IpAdapter, r"^(image_proj|ip_adapter|ip_adapter_proj_model)\.|\.ip_adapter_double_stream_"),
    (Mark::IpAdapterFlux, "ip_adapter_double_stream_|ip_adapter_proj_model"),
    (
        Mark::Controlnet,
        r"^(control_model\.|zero_convs\.0\.0\.|input_hint_block\.|controlnet_cond_embedding\.|brushnet_(down|mid|up)_blocks?\.|controlnet_blocks\.0\.|controlnet_x_embedder\.|control_layers\.0\.|lllite_|nested_input_hint|after_proj_list\.)",
    ),
    (Mark::Component, r"^(first_stage_model|vae|cond_stage_model|conditioner|text_encoders)\."),
    (Mark::LlliteUnet, "^lllite_unet"),
    (Mark::LlliteDit, "^lllite_dit"),
    (Mark::ControlLayers, "^control_(layers|noise_refiner|all_x)"),
    (Mark::ControlFlux, "txt_attn|single_transformer_blocks|norm_added_k"),
    (Mark::ControlQwen, r"img_mlp\.net"),
    (Mark::ControlSd3, "pos_embed_input|context_embedder"),
    (Mark::T2iAdapter, r"^adapter\.body\.|^body\.0\.(block1|in_conv|resnets)"),
    (Mark::MotionModule, r"motion_modules\.\d+\.(temporal_transformer|transformer_blocks)\."),
    (
        Mark::Vae,
        r"^(first_stage_model\.|vae\.)?(encoder|decoder)\.(conv_in|conv1|conv_norm_out|middle|mid_block|stages|blocks|project_in|layers\.\d+\.layers|block_in)|^(vae\.|pretransform\.model\.)?(encoder|decoder)\.(block\.\d+\.(res_unit\d|conv_t1|snake1)|layers\.\d+\.layers\.\d+\.layers)\.|^(dcae|audio_vae)\.|^vquantizer\.codebook\.weight$|^(encoder|decoder)\.(down|up)_blocks\.|^decoder\.unpatcher3d|^encoder\.patcher3d",
    ),
    (Mark::VaeCosmos, r"decoder\.conv_in\.conv_s\.weight$"),
    (
        Mark::VaeMochi,
        r"^(encoder\.proj_in\.|decoder\.block_in\.|decoder\.layers\.0\.layers\.|layers\.0\.layers\.1\.conv1\.weight$)",
    ),
    (Mark::VaeWan, "time_conv|gamma"),
    (
        Mark::VaeAudio,
        r"^(vae\.|pretransform\.model\.)?(encoder|decoder)\.(block\.\d+\.(res_unit\d|conv_t1|snake1)|layers\.\d+\.layers\.\d+\.layers)\.|^(dcae|audio_vae)\.",
    ),
    (Mark::VaeLtx, r"^(vae\.)?per_channel_statistics\."),
    (
        Mark::TextEncoder,
        r"text_model\.encoder\.layers\.\d+\.|^encoder\.layers\.\d+\.self_attn\.|^transformer\.resblocks\.\d+\.|^encoder\.block\.\d+\.layer\.|^((model|language_model|llm)\.)*layers\.\d+\.(self_attn|mlp|input_layernorm)\.|^visual\.blocks\.|^(enc\.)?blk\.\d+\.|^blocks\.\d+\.pos_embedding\.embedding\.|^(transformer\.)?encoder\.layers\.\d+\.self_attention\.",
    ),
    (Mark::ClipVision, r"^(vision_model|visual)\.|^v\.blk\.\d+\."),
    (
        Mark::Upscaler,
        r"^(model\.1\.sub\.0\.RDB1|body\.0\.rdb1|RRDB_trunk\.|conv_first\.weight|layers\.0\.residual_group\.)",
    ),
    (
        Mark::VaeApprox,
        r"^\d+\.conv\.\d+\.weight$|^(encoder|decoder)\.layers\.\d+\.|^(tae\w*_)?(encoder|decoder)\.\d+\.(conv\.(\d+\.)?)?(weight|bias)$",
    ),
];

/// Looks for all marks in one pass.
pub struct Marker(RegexSet);

pub struct Marks([bool; MARKS.len()]);

impl Marker {
    pub fn new() -> Result<Self, regex::Error> {
        let patterns = MARKS.iter().map(|(_, pattern)| pattern);
        RegexSetBuilder::new(patterns).unicode(false).build().map(Self)
    }

    pub fn of(&self, header: &Header) -> Marks {
        let mut marks = [false; MARKS.len()];
        for tensor in &header.tensors {
            self.0.matches(tensor.name.as_bytes()).into_iter().for_each(|place| marks[place] = true);
        }
        Marks(marks)
    }
}

impl Marks {
    pub fn has(&self, mark: Mark) -> bool {
        MARKS.iter().zip(self.0).any(|((known, _), found)| found && *known == mark)
    }
}
