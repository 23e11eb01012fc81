use super::*;

fn resolved(settings: StorageSettings, variable: Option<&str>) -> Storage {
    settings.resolve(|name| match name {
        "MLFLOW_SPOOL_DIR" => variable.map(str::to_owned),
        _ => None,
    })
}

#[test]
fn the_program_says_where_or_the_environment_or_nobody() {
    let root = std::env::temp_dir();
    let (one, other) = (root.join("one"), root.join("other"));
    let said = |directory: &Path| StorageSettings {
        directory: Some(directory.to_owned()),
        ..StorageSettings::default()
    };
    let nothing = StorageSettings::default;
    let place = |settings, variable| resolved(settings, variable).directory;
    let other = other.to_str();
    assert_eq!(place(said(&one), other), Some(one.clone()));
    assert_eq!(place(said(&one), Some("off")), Some(one));
    assert_eq!(place(nothing(), other).as_deref(), other.map(Path::new));
    assert_eq!(place(nothing(), Some("off")), None);
    // A variable that is empty is not set, as everywhere.
    assert_eq!(place(nothing(), Some("")), default_directory());
    assert_eq!(place(nothing(), None), default_directory());
}

#[test]
fn a_relative_directory_stays_where_it_is_when_the_program_goes_elsewhere() {
    let here = std::env::current_dir().expect("somewhere");
    let storage = resolved(StorageSettings::default(), Some("traces"));
    assert_eq!(storage.directory, Some(here.join("traces")));
    let again = StorageSettings {
        directory: Some("traces".into()),
        ..StorageSettings::default()
    };
    assert_eq!(again.differs_from(&storage), None);
}

#[test]
fn each_durability_is_one_of_the_spool() {
    let of = |durability| {
        let settings = StorageSettings {
            durability,
            ..StorageSettings::default()
        };
        let storage = resolved(settings, Some("/traces"));
        (storage.options.durability, storage.directory.is_some())
    };
    let every = Duration::from_millis(100);
    assert_eq!(of(None), (spool::Durability::Process, true));
    assert_eq!(of(Some(Durability::Process)), of(None));
    assert_eq!(
        of(Some(Durability::Power)),
        (spool::Durability::Power { every }, true)
    );
    assert_eq!(of(Some(Durability::Off)), (spool::Durability::Off, false));
}

#[test]
fn each_policy_and_capacity_arrives_at_the_spool() {
    let of = |when_full, capacity, most_records| {
        let settings = StorageSettings {
            when_full,
            capacity,
            most_records,
            ..StorageSettings::default()
        };
        let storage = resolved(settings, Some("/traces"));
        let options = storage.options;
        let policy = (options.when_full, storage.wait_for_room);
        (policy, options.capacity, storage.most_records)
    };
    let default = 512 << 20;
    let oldest = ((spool::WhenFull::DropOldest, None), default, None);
    assert_eq!(of(None, None, None), oldest);
    assert_eq!(of(Some(WhenFull::DropOldest), None, None), oldest);
    let newest = (spool::WhenFull::DropNewest, None);
    assert_eq!(
        of(Some(WhenFull::DropNewest), Some(7), Some(9)),
        (newest, 7, Some(9))
    );
    let most = Duration::from_secs(3);
    let waits = (spool::WhenFull::Refuse, Some(most));
    assert_eq!(
        of(Some(WhenFull::Block(most)), None, None),
        (waits, default, None)
    );
}

#[test]
fn without_files_there_is_room_for_a_thousand_traces_or_64_mib() {
    let storage = resolved(StorageSettings::default(), Some("off"));
    assert_eq!(storage.most_records, Some(1000));
    assert_eq!(storage.options.memory, 64 << 20);
}

#[test]
fn a_call_waits_for_the_disk_for_a_tenth_of_a_second() {
    let storage = resolved(StorageSettings::default(), Some("/traces"));
    assert_eq!(storage.options.patience, Duration::from_millis(100));
}
