//! Archives as senders make them, and as they should not be.

use std::io::{Cursor, Write};
use std::path::PathBuf;
use tertial_lake::Archive;
use tertial_model::Faults;
use tertial_model::pipeline::DropSpec;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

const SHOWN: &str = "data/inbox/hr/leverans.zip";

/// An archive with files, all packed.
fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (path, text) in files {
        writer.start_file(*path, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let mut count = 0;
    for at in 0..=bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + from.len()].copy_from_slice(to);
            count += 1;
        }
    }
    assert!(count > 0, "nothing to replace");
    bytes
}

/// Places of a record's signature.
fn places(bytes: &[u8], signature: &[u8; 4]) -> Vec<usize> {
    (0..bytes.len()).filter(|&at| bytes[at..].starts_with(signature)).collect()
}

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";

struct Room(tempfile::TempDir);

impl Room {
    fn with(bytes: &[u8]) -> (Room, PathBuf) {
        let room = Room(tempfile::tempdir().unwrap());
        let path = room.0.path().join("leverans.zip");
        std::fs::write(&path, bytes).unwrap();
        std::fs::create_dir(room.0.path().join("unpacked")).unwrap();
        (room, path)
    }
}

/// Name and text of every member.
fn unpacked(bytes: &[u8], limits: &DropSpec) -> Result<Vec<(String, String)>, Faults> {
    let (room, path) = Room::with(bytes);
    let mut archive = Archive::open(&path, SHOWN, limits)?;
    let members = archive.members().to_vec();
    let paths = archive.unpack(&members, &room.0.path().join("unpacked"));
    let paths = paths.map_err(|fault| vec![*fault])?;
    let text = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    Ok(paths.iter().map(text).collect())
}

fn faults(bytes: &[u8], limits: &DropSpec) -> String {
    let found = unpacked(bytes, limits).unwrap_err();
    found.iter().map(|fault| format!("{fault}\n")).collect()
}

fn no_limits() -> DropSpec {
    DropSpec::default()
}

#[test]
fn members_get_their_names_and_what_is_no_file_is_passed_over() {
    let bytes = zipped(&[
        ("2024/tid_2024-08.csv", "b"),
        ("tid_2024-07.csv", "a"),
        ("2024/.dold", "x"),
        ("__MACOSX/2024/tid_2024-08.csv", "x"),
        ("tomt/", ""),
        ("år_2024.csv", "å"),
    ]);
    let text = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(
        unpacked(&bytes, &no_limits()).unwrap(),
        [text("tid_2024-08.csv", "b"), text("tid_2024-07.csv", "a"), text("år_2024.csv", "å")]
    );
    assert_eq!(unpacked(&zipped(&[]), &no_limits()).unwrap(), []);
}

#[test]
fn every_fault_of_every_member_is_told_at_once() {
    let bytes = zipped(&[
        ("../../etc/cron.d/x", "a"),
        ("/etc/passwd", "a"),
        ("C:/x.csv", "a"),
        ("a\\b.csv", "a"),
        ("mer.zip", "a"),
        ("2023/tid.csv", "a"),
        ("2024/tid.csv", "b"),
    ]);
    insta::assert_snapshot!(faults(&bytes, &no_limits()), @r#"
    error[T0124]: a member of an archive names a place outside of it
       --> data/inbox/hr/leverans.zip
        = found:    `../../etc/cron.d/x`
        = expected: a path below the archive, e.g. `2024/arbetstid_2024-08.csv`
        = effect:   nothing of the archive was taken in

    hint: such archives are made to overwrite files; ask the sender where it comes from

    error[T0124]: a member of an archive names a place outside of it
       --> data/inbox/hr/leverans.zip
        = found:    `/etc/passwd`
        = expected: a path below the archive, e.g. `2024/arbetstid_2024-08.csv`
        = effect:   nothing of the archive was taken in

    hint: such archives are made to overwrite files; ask the sender where it comes from

    error[T0124]: a member of an archive names a place outside of it
       --> data/inbox/hr/leverans.zip
        = found:    `C:/x.csv`
        = expected: a path below the archive, e.g. `2024/arbetstid_2024-08.csv`
        = effect:   nothing of the archive was taken in

    hint: such archives are made to overwrite files; ask the sender where it comes from

    error[T0124]: a member of an archive names a place outside of it
       --> data/inbox/hr/leverans.zip
        = found:    `a\\b.csv`
        = expected: a path below the archive, e.g. `2024/arbetstid_2024-08.csv`
        = effect:   nothing of the archive was taken in

    hint: such archives are made to overwrite files; ask the sender where it comes from

    error[T0124]: an archive holds another archive
       --> data/inbox/hr/leverans.zip
        = found:    `mer.zip`
        = expected: files in one archive
        = effect:   nothing of the archive was taken in

    hint: ask the sender for the files themselves, or unpack it by hand

    error[T0124]: members of an archive have the same name
       --> data/inbox/hr/leverans.zip
        = found:    `2023/tid.csv` and `2024/tid.csv`
        = expected: one member with the name `tid.csv`
        = effect:   nothing of the archive was taken in

    hint: which one is meant cannot be known; ask the sender for one of them
    "#);
}

#[test]
fn a_locked_member() {
    let mut bytes = zipped(&[("tid.csv", "hemligt")]);
    for (signature, flags) in [(LOCAL, 6), (CENTRAL, 8)] {
        for at in places(&bytes, signature) {
            bytes[at + flags] |= 1;
        }
    }
    insta::assert_snapshot!(faults(&bytes, &no_limits()), @"
    error[T0124]: a member of an archive is encrypted
       --> data/inbox/hr/leverans.zip
        = found:    `tid.csv`
        = expected: members that open without a password
        = effect:   nothing of the archive was taken in

    hint: ask the sender for an archive without a password, sent over a closed way
    ");
}

#[test]
fn the_same_path_twice() {
    let bytes = replaced(&zipped(&[("tid1.csv", "a"), ("tid2.csv", "b")]), b"tid2", b"tid1");
    insta::assert_snapshot!(faults(&bytes, &no_limits()), @"
    error[T0124]: members of an archive have the same name
       --> data/inbox/hr/leverans.zip
        = found:    `tid1.csv` and `tid1.csv`
        = expected: one member with the name `tid1.csv`
        = effect:   nothing of the archive was taken in

    hint: which one is meant cannot be known; ask the sender for one of them
    ");
}

#[test]
fn too_much() {
    let zeros = "0".repeat(1_000_000);
    let bytes = zipped(&[("tid.csv", &zeros), ("b.csv", "x")]);
    assert!(bytes.len() < 2_000, "{}", bytes.len());
    let small = DropSpec { archive_max_bytes: 100_000, archive_max_members: 1, ..no_limits() };
    let told = faults(&bytes, &small).replace(&bytes.len().to_string(), "<size>");
    insta::assert_snapshot!(told, @"
    error[T0123]: an archive has too many members
       --> data/inbox/hr/leverans.zip
        = found:    2 members
        = expected: at most 1
        = effect:   nothing of the archive was taken in

    hint: ask for fewer at a time, or raise `archive_max_members`

    error[T0123]: an archive would unpack to too much
       --> data/inbox/hr/leverans.zip
        = found:    1000001 bytes out of <size>
        = expected: at most 100000 bytes
        = effect:   nothing of the archive was taken in

    hint: ask for less at a time, or raise `archive_max_bytes`
    ");
}

#[test]
fn an_archive_that_says_less_than_it_holds() {
    let mut bytes = zipped(&[("tid.csv", &"0".repeat(1_000_000))]);
    for (signature, size) in [(LOCAL, 22), (CENTRAL, 24)] {
        for at in places(&bytes, signature) {
            bytes[at + size..at + size + 4].copy_from_slice(&10u32.to_le_bytes());
        }
    }
    let small = DropSpec { archive_max_bytes: 100_000, ..no_limits() };
    insta::assert_snapshot!(faults(&bytes, &small), @"
    error[T0123]: a member of an archive has another size than the archive says
       --> data/inbox/hr/leverans.zip
        = found:    at least 65536 bytes in `tid.csv`
        = expected: 10 bytes, as the archive's list says
        = effect:   nothing of the archive was taken in

    hint: ask the sender for the archive again; an ordinary zip program writes true sizes
    ");
}

#[test]
fn members_that_share_their_bytes() {
    let mut bytes = zipped(&[("tid1.csv", "aaaa"), ("tid2.csv", "bbbb")]);
    let at = places(&bytes, CENTRAL)[1];
    bytes[at + 42..at + 46].copy_from_slice(&0u32.to_le_bytes());
    let told = faults(&bytes, &no_limits());
    assert!(told.contains("T0122") || told.contains("T0123"), "{told}");
    insta::assert_snapshot!(told, @"
    error[T0123]: members of an archive lie on top of each other
       --> data/inbox/hr/leverans.zip
        = expected: bytes of its own for each member
        = effect:   nothing of the archive was taken in

    hint: such archives are made to fill disks; ask the sender where it comes from
    ");
}

#[test]
fn a_damaged_archive() {
    let bytes = zipped(&[("tid.csv", &"Månad;Timmar\n2024-08;17\n".repeat(50))]);
    insta::assert_snapshot!(faults(&bytes[..bytes.len() - 30], &no_limits()), @"
    error[T0122]: an archive cannot be read
       --> data/inbox/hr/leverans.zip
        = found:    invalid Zip archive: Could not find EOCD
        = expected: a whole zip archive
        = effect:   nothing of the archive was taken in

    hint: ask the sender for it again; an ordinary zip program makes archives that open
    ");
    insta::assert_snapshot!(faults(b"<html>inloggning</html>", &no_limits()), @"
    error[T0122]: an archive cannot be read
       --> data/inbox/hr/leverans.zip
        = found:    invalid Zip archive: Could not find EOCD
        = expected: a whole zip archive
        = effect:   nothing of the archive was taken in

    hint: ask the sender for it again; an ordinary zip program makes archives that open
    ");
    let mut wrong = bytes.clone();
    let at = places(&bytes, LOCAL)[0] + 30 + "tid.csv".len() + 5;
    wrong[at] ^= 0xff;
    let told = faults(&wrong, &no_limits());
    assert!(told.contains("T0122") && told.contains("[tid.csv]"), "{told}");
    let mut method = bytes;
    for (signature, place) in [(LOCAL, 8), (CENTRAL, 10)] {
        for at in places(&method, signature) {
            method[at + place..at + place + 2].copy_from_slice(&12u16.to_le_bytes());
        }
    }
    insta::assert_snapshot!(faults(&method, &no_limits()), @"
    error[T0122]: an archive cannot be read
       --> data/inbox/hr/leverans.zip [tid.csv]
        = found:    a member packed by method 12
        = expected: members packed by `deflate`, or not packed
        = effect:   nothing of the archive was taken in

    hint: ask the sender for it again; an ordinary zip program makes archives that open
    ");
}

#[test]
fn any_byte_wrong_or_missing_never_ends_in_a_panic() {
    let bytes = zipped(&[("a/tid.csv", &"12;34\n".repeat(30)), ("b.csv", "x")]);
    for at in 0..bytes.len() {
        let _ = unpacked(&bytes[..at], &no_limits());
        for change in [0x01, 0x80, 0xff] {
            let mut wrong = bytes.clone();
            wrong[at] ^= change;
            let _ = unpacked(&wrong, &no_limits());
        }
    }
}

#[test]
fn a_member_whose_size_is_not_the_one_announced_is_told() {
    let bytes = zipped(&[("a.csv", "1;2;3\n4;5;6\n"), ("b.csv", "x\n")]);
    // The uncompressed size stands 22 bytes into the local header and 24 into the central entry.
    for told in [3_u32, 5_000] {
        let mut bytes = bytes.clone();
        for (places, offset) in [(places(&bytes, LOCAL), 22), (places(&bytes, CENTRAL), 24)] {
            let at = places[0] + offset;
            bytes[at..at + 4].copy_from_slice(&told.to_le_bytes());
        }
        let faults = unpacked(&bytes, &DropSpec::default()).unwrap_err();
        let fault = faults[0].to_string();
        assert!(fault.contains("T0123"), "{fault}");
        assert!(fault.contains(&format!("{told} bytes, as the archive's list says")), "{fault}");
        if told == 5_000 {
            insta::assert_snapshot!(fault, @"
            error[T0123]: a member of an archive has another size than the archive says
               --> data/inbox/hr/leverans.zip
                = found:    12 bytes in `a.csv`
                = expected: 5000 bytes, as the archive's list says
                = effect:   nothing of the archive was taken in

            hint: ask the sender for the archive again; an ordinary zip program writes true sizes
            ");
        }
    }
}

#[test]
fn a_pipe_in_an_archive_is_told() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("a.csv", SimpleFileOptions::default()).unwrap();
    writer.write_all(b"a").unwrap();
    let mut bytes = writer.finish().unwrap().into_inner();
    // The Unix mode stands in the upper half of the external attributes, 38 bytes into the entry.
    let at = places(&bytes, CENTRAL)[0] + 38;
    let mode = 0o010_644_u32 << 16;
    bytes[at..at + 4].copy_from_slice(&mode.to_le_bytes());
    let faults = unpacked(&bytes, &DropSpec::default()).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert!(faults[0].to_string().contains("a member of an archive is no file"), "{}", faults[0]);
}

#[test]
fn an_archive_behind_a_link_is_not_opened() {
    let (room, path) = Room::with(&zipped(&[("a.csv", "1\n")]));
    let link = room.0.path().join("link.zip");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let limits = DropSpec::default();
    assert!(Archive::open(&path, SHOWN, &limits).is_ok());
    let faults = Archive::open(&link, SHOWN, &limits).err().unwrap();
    assert!(faults[0].to_string().contains("it is a symbolic link"), "{}", faults[0]);
}
