use super::*;

fn read(query: &str) -> Asked {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    Asked::read(&pairs)
}

const A: &str = "0190b2d4-0000-7000-8000-000000000001";
const B: &str = "0190b2d4-0000-7000-8000-000000000002";

#[test]
fn an_address_read_and_written_is_the_same_address() {
    let url = format!(
        "/?checkpoint={A}&lora={B}%7E0.5%7Eoff&lora={A}%7E-1&width=832&cfg=5.5&sampler=euler&seed=7&images=4&prompt=x%26y%0Az&pick=1&fit=optimal&tag=a&tag=b&minr=0.8&sort=name&q=a+b&checkpoint_sort=best&image={B}&shown=liked"
    );
    let asked = read(&url[2..]);
    assert_eq!(asked.problems, Vec::new());
    assert!(!asked.acts && asked.names_recipe);
    assert_eq!(asked.recipe.url(), url);
}

#[test]
fn a_place_in_a_list_of_grades_names_its_grade() {
    let cursor = genonaut_db::page::Cursor::end_of_ratings();
    for grade in [0, 2] {
        let place = Place { list: 7, grade, cursor: cursor.clone() };
        assert_eq!(place.to_string().parse::<Place>(), Ok(place));
    }
    assert_eq!("00000007.x.y".parse::<Place>(), Err(()));
}

#[test]
fn an_aspect_ratio_sets_the_size_only_when_it_is_chosen_anew() {
    let form = |ratio: &str| {
        let follows = "follows=width%3D1024%26height%3D1024&width=512&height=512";
        read(&format!("{follows}&ratio={ratio}&ratio_was=1024x1024")).recipe.url()
    };
    assert_eq!(form("832x1216"), "/?width=832&height=1216");
    assert_eq!(form("1024x1024"), "/?width=512&height=512");
}

#[test]
fn the_longest_prompts_have_an_address_that_servers_take() {
    for letter in ["雨", "\u{1f327}", "&", "a"] {
        let recipe = Recipe {
            prompt: letter.repeat(4990),
            negative_prompt: letter.repeat(5000),
            checkpoint: A.parse().ok(),
            loras: (0..32).map(|_| B.parse().expect("a row")).collect(),
            vae: Some(letter.repeat(1000)),
            ..Recipe::default()
        };
        let url = recipe.url();
        assert!(url.len() < 61_500, "{letter}: {}", url.len());
        let asked = read(&url[2..]);
        assert_eq!(asked.recipe.vae, recipe.vae);
        let filters =
            Picker { tags: (0..20).map(|at| format!("{at}{}", letter.repeat(100))).collect(), ..Picker::default() };
        let narrowed = Recipe { picker: filters, ..recipe.clone() }.url();
        assert!(narrowed.len() < 61_500, "{letter}: {}", narrowed.len());
        assert_eq!(read(&narrowed[2..]).recipe.prompt, recipe.prompt);
        assert_eq!((&asked.recipe.prompt, &asked.recipe.negative_prompt), (&recipe.prompt, &recipe.negative_prompt));
        assert!(asked.names_recipe && asked.problems.is_empty());
        assert_eq!(recipe.place() == "/", letter != "a");
    }
    assert_eq!(read("packed=cHJvbXB0AOmb").problems.len(), 1);
    assert!(!read("packed=cGFja2VkAHg").problems.is_empty(), "nothing within nothing");
}

#[test]
fn the_prompts_hold_no_control_characters() {
    for query in ["prompt=a%00b%07%1bc%0Ad%09e", "word=b%00c&prompt=a"] {
        let asked = read(query);
        assert!(["abc\nd\te", "a, bc"].contains(&asked.recipe.prompt.as_str()), "{query}: {:?}", asked.recipe.prompt);
    }
    assert_eq!(read(&format!("prompt={}", "x".repeat(5000))).problems, []);
    let long = read(&format!("negative_prompt={}", "x".repeat(5001)));
    assert_eq!(long.problems[0].field.as_deref(), Some("negative_prompt"));
    assert!(long.problems[0].text.contains("negative prompt can have at most 5000"), "{:?}", long.problems);
}

#[test]
fn filters_are_counted_in_letters() {
    let tag = "雨".repeat(500);
    assert_eq!(read(&format!("tag={tag}&tag={tag}x")).recipe.picker.tags, [tag]);
}

#[test]
fn whole_numbers_may_be_written_as_decimals() {
    let recipe = read("steps=20.0&seed=7.0&images=2.0&width=512.0").recipe;
    assert_eq!(
        (recipe.settings.steps, recipe.seed, recipe.images, recipe.settings.width),
        (Some(20), Some(7), Some(2), Some(512))
    );
    assert_eq!(read("seed=-1.0").problems, []);
}

#[test]
fn the_last_checkpoint_wins_and_gets_an_address_of_its_own() {
    let asked = read(&format!("checkpoint={A}&checkpoint={B}"));
    assert!(asked.acts);
    assert_eq!(asked.recipe.url(), format!("/?checkpoint={B}"));
}

#[test]
fn adding_and_removing_do_not_depend_on_the_order_of_fields() {
    assert_eq!(read(&format!("add={A}&lora={B}&lora={A}")).recipe.loras.len(), 2);
    assert_eq!(read(&format!("remove={B}&lora={A}&lora={B}")).recipe.url(), format!("/?lora={A}"));
    assert_eq!(read("word=film+look&prompt=a+cat").recipe.prompt, "a cat, film look");
}

#[test]
fn a_form_sets_what_differs_from_the_checkpoints_values() {
    let form = format!(
        "follows=steps%3D25%26cfg%3D7&steps=25&cfg=6&lora={A}&weight.{A}=0.4&clip.{A}=1&lora={B}&weight.{B}=1&on.{B}=on"
    );
    let recipe = read(&form).recipe;
    assert_eq!((recipe.settings.steps, recipe.settings.cfg), (None, Some(6.0)));
    assert_eq!((recipe.loras[0].weight, recipe.loras[0].clip_weight, recipe.loras[0].off), (Some(0.4), None, true));
    assert!(!recipe.loras[1].off);
    let both = read(&format!("{form}&clip=1")).recipe;
    assert_eq!(both.loras[0].clip_weight, Some(1.0));
    assert_eq!(read(&format!("{form}&defaults=1")).recipe.settings, Settings::default());
    assert_eq!(read(&format!("{form}&recommended={A}")).recipe.loras[0].weight, None);
    assert_eq!(read(&format!("{form}&weigh={A}~0.6")).recipe.loras[0].weight, Some(0.6));
}

#[test]
fn looking_at_an_image_names_no_recipe() {
    for query in ["", &format!("image={A}"), "shown=liked&q=x&pick=1", &format!("checkpoint={A}"), &format!("add={A}")]
    {
        assert!(!read(query).names_recipe, "{query}");
    }
    assert_eq!(read(&format!("from={A}&use=seed")).from, Some((A.parse().expect("an id"), "seed".to_owned())));
}

#[test]
fn nonsense_is_told_and_left_out() {
    let long = "x".repeat(201);
    for query in [
        "checkpoint=1",
        "lora=%00",
        "lora=0190b2d4-0000-7000-8000-000000000001~9",
        "fit=best",
        "cursor=abc",
        "cursor=1.e30",
        "q=a%00b",
        "seed=-7",
        "seed=x",
        "images=0",
        "steps=1000",
        "sampler=none",
        "sort=worst",
        "checkpoint_sort=worst",
        "weigh=1~0.5",
        "weigh=0190b2d4-0000-7000-8000-000000000001",
        &format!("q={long}"),
    ] {
        let asked = read(query);
        assert_eq!(asked.problems.len(), 1, "{query}: {:?}", asked.problems);
        assert_eq!(asked.recipe, Recipe::default(), "{query}");
    }
}

#[test]
fn a_row_that_a_script_has_just_added_is_used() {
    let added = read(&format!("follows=&lora={A}"));
    assert!(!added.recipe.loras[0].off);
    let unticked = read(&format!("follows=&lora={A}&weight.{A}=0.5"));
    assert!(unticked.recipe.loras[0].off);
    let wrong = read(&format!("follows=&lora={A}&weight.{A}=9&on.{A}=on"));
    assert_eq!(wrong.problems[0].field, Some(format!("weight.{A}")));
}
