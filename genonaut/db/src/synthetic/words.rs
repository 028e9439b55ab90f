//! Words and shares that made-up models are put together from.

/// How something looks.
pub(super) const ADJECTIVES: [&str; 91] = [
    "amber", "ancient", "autumn", "baroque", "bold", "bright", "bronze", "calm", "candid", "chrome", "classic",
    "clean", "cosmic", "crisp", "crystal", "dark", "deep", "delicate", "digital", "dreamy", "dusky", "electric",
    "ethereal", "faded", "film", "fluid", "foggy", "forest", "frosted", "gentle", "gilded", "glossy", "golden",
    "gothic", "grainy", "grand", "gritty", "hazy", "hidden", "icy", "inked", "iridescent", "ivory", "jade", "lucid",
    "lunar", "lush", "macro", "matte", "mellow", "minimal", "misty", "modern", "moody", "muted", "natural", "neon",
    "noble", "nordic", "opal", "ornate", "pale", "pastel", "polar", "porcelain", "quiet", "radiant", "raw", "retro",
    "rich", "rugged", "rustic", "serene", "sharp", "silken", "silver", "smoky", "soft", "solar", "stark", "stormy",
    "sunlit", "surreal", "tender", "vast", "velvet", "vintage", "vivid", "warm", "wild", "woven",
];

/// What is in a picture.
pub(super) const NOUNS: [&str; 114] = [
    "alley", "anime", "arcade", "architecture", "armor", "astronaut", "aurora", "autumn", "beach", "bird", "bloom",
    "bridge", "canyon", "castle", "cat", "cathedral", "city", "cliff", "cloud", "coast", "comic", "cottage",
    "creature", "crystal", "cyberpunk", "desert", "detail", "dragon", "dream", "dress", "dusk", "engine", "fabric",
    "face", "fashion", "field", "flower", "food", "forest", "fox", "galaxy", "garden", "glass", "hair", "hands",
    "harbor", "helmet", "hill", "house", "ink", "interior", "island", "jewel", "knight", "lake", "landscape",
    "lantern", "light", "logo", "machine", "manga", "marble", "market", "mask", "mech", "meadow", "mecha", "mermaid",
    "mirror", "mountain", "night", "ocean", "orchard", "owl", "painting", "palace", "paper", "planet", "portrait",
    "product", "rain", "river", "robot", "room", "ruins", "sail", "samurai", "sculpture", "sea", "ship", "skin",
    "sky", "snow", "space", "sprite", "station", "statue", "storm", "street", "sunset", "sword", "temple", "texture",
    "tower", "train", "tree", "valley", "vehicle", "village", "watercolor", "waterfall", "wave", "wizard", "wolf",
];

/// What people tag models with, the usual ones first.
pub(super) const TAGS: [&str; 50] = [
    "style", "character", "portrait", "realistic", "anime", "detail", "lighting", "landscape", "photography",
    "fantasy", "concept", "clothing", "pose", "background", "quality", "cinematic", "sci-fi", "texture",
    "illustration", "painting", "face", "eyes", "hair", "hands", "skin", "fashion", "architecture", "animal",
    "vehicle", "food", "nature", "night", "vintage", "film", "horror", "cute", "comic", "manga", "watercolor", "oil",
    "sketch", "line-art", "pixel-art", "3d", "render", "macro", "bokeh", "neon", "cyberpunk", "steampunk",
];

/// What a model is for.
pub(super) const FAMILIES: [&str; 12] = [
    "style", "enhancement", "portrait", "artistic", "character", "concept", "lighting", "photography", "landscape",
    "anime", "realistic", "fantasy",
];

/// Base, how many of a hundred models are of it, and how people spell it.
pub(super) const BASES: [(&str, u64, &[&str]); 8] = [
    ("sd1", 45, &["SD 1.5", "Sd1.5", "sd1", "sd15"]),
    ("sdxl", 25, &["SDXL 1.0", "sdxl", "SDXL"]),
    ("pony", 10, &["Pony", "pony"]),
    ("illustrious", 8, &["Illustrious"]),
    ("flux1", 8, &["Flux.1 D", "flux", "FLUX.1-dev"]),
    ("sd3.5-large", 1, &["SD 3.5 Large"]),
    ("chroma", 1, &["Chroma"]),
    ("unknown", 2, &["my own mix"]),
];
