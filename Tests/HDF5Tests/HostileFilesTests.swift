import Foundation
import HDF5
import Testing

/// Files that are no HDF5, are damaged, or lead where nobody wants to go.
@Suite struct HostileFilesTests {
    @Test func filesThatAreNoHDF5() throws {
        expectError(.notHDF5) { _ = try Fixture.open("garbage.h5") }
        expectError(.notHDF5) { _ = try Fixture.open("empty.h5") }
        expectError(.notHDF5) { _ = try HDF5File(reading: Fixture.path("")) }
        expectError(.notHDF5) { _ = try HDF5File(image: [], name: "nothing") }
        expectError(.notHDF5) { _ = try HDF5File(image: [1, 2, 3], name: "little") }
        let error = expectError(.notFound) { _ = try Fixture.open("missing.h5") }
        #expect(
            error?.description.hasSuffix(
                "missing.h5: cannot open the file: No such file or directory") == true)
    }

    @Test func truncatedFiles() throws {
        expectError(.truncated) { _ = try Fixture.open("truncated.h5") }
        let whole = try Fixture.bytes("types.h5")
        for length in stride(from: 0, to: whole.count, by: 997) {
            #expect(throws: HDF5Error.self, "\(length) bytes") {
                _ = try HDF5File(image: Array(whole.prefix(length)), name: "prefix")
            }
        }
    }

    @Test func onlyHardLinksAreFollowed() throws {
        let root = try Fixture.open("links.h5").root
        expectError(.refusedLink(.soft)) { _ = try root.group("soft") }
        expectError(.refusedLink(.soft)) { _ = try root.dataset("soft/values") }
        expectError(.refusedLink(.soft)) { _ = try root.dataset("b/soft/values") }
        expectError(.refusedLink(.soft)) { _ = try root.exists("dangling") }
        let error = expectError(.refusedLink(.external)) { _ = try root.dataset("external/i4") }
        #expect(error?.path == "/external/i4")
        #expect(try root.dataset("b/inner/values").array(of: Int32.self) == [0, 1, 2])
        #expect(try root.dataset("/b/./inner//values").count == 3)
        #expect(try root.exists("b/inner/values"))
        #expect(try !root.exists("b/inner/nothing/at/all"))
        #expect(try !root.exists("b/inner/values/below"))
        expectError(.wrongKind) { _ = try root.group("again") }
        expectError(.wrongKind) { _ = try root.dataset("a") }
        expectError(.notFound) { _ = try root.group("c") }
        expectError(.invalidText) { _ = try root.group("a\0") }
    }

    @Test func linksAreListedAsTheyAre() throws {
        let root = try Fixture.open("links.h5").root
        let links = try root.links()
        #expect(
            links.map(\.name) == ["a", "again", "b", "dangling", "external", "soft"])
        #expect(
            try root.links(order: .creation).map(\.name)
                == ["b", "a", "again", "soft", "dangling", "external"])
        #expect(links[3].kind == .soft(target: "/nowhere"))
        #expect(links[4].kind == .external(file: "types.h5", path: "/little"))
        #expect(links[5].kind == .soft(target: "/b/inner"))
        guard case .hard(.dataset, let token) = links[1].kind,
            case .hard(.group, let group) = links[2].kind
        else {
            Issue.record("\(links)")
            return
        }
        #expect(try root.dataset("b/inner/values").token == token)
        #expect(try root.group("b").token == group)
        #expect(try Fixture.open("types.h5").root.links().contains { $0.name == "named-type" })
    }

    @Test func aWalkMeetsEverythingOnce() throws {
        var met: [String] = []
        var repeats: [String] = []
        try Fixture.open("links.h5").root.walk { entry in
            met.append(entry.path)
            if entry.isRepeat { repeats.append(entry.path) }
            return .enter
        }
        #expect(
            met == [
                "a", "again", "b", "b/inner", "b/inner/values", "b/soft", "dangling", "external",
                "soft",
            ])
        #expect(repeats == ["b/inner/values"])
        met = []
        try Fixture.open("links.h5").root.walk { entry in
            met.append(entry.path)
            return entry.path == "dangling" ? .stop : .skip
        }
        #expect(met == ["a", "again", "b", "dangling"])
    }

    @Test func cyclesAndDepthsEndAWalk() throws {
        let error = expectError(.cycle) {
            try Fixture.open("cycle.h5").root.walk { _ in .enter }
        }
        #expect(error?.path == "/a/b/back")
        expectError(.tooDeep) { try Fixture.open("deep.h5").root.walk { _ in .enter } }
        var depth = 0
        try Fixture.open("deep.h5").root.walk(maximumDepth: 70) { entry in
            depth = max(depth, entry.depth)
            return .enter
        }
        #expect(depth == 70)
    }

    /// 39 groups, each with two names for the next: 2^39 paths.
    @Test func manyPathsToOneObjectAreNotWalkedApart() throws {
        var met = 0
        try Fixture.open("diamonds.h5").root.walk { _ in
            met += 1
            return .enter
        }
        #expect(met == 1 + 2 * 39)
    }

    @Test func valuesInOtherFilesAreRefused() throws {
        let root = try Fixture.open("external-storage.h5").root
        expectError(.refusedStorage(.external)) { _ = try root.dataset("outside") }
        #expect(try root.dataset("inside").bytes() == [0, 1, 2, 3])
        let virtual = try Fixture.open("virtual.h5").root
        expectError(.refusedStorage(.virtual)) { _ = try virtual.dataset("virtual") }
    }

    @Test func claimsOfTerabytesAreRefused() throws {
        let root = try Fixture.open("bomb.h5").root
        expectError(.tooLarge) { _ = try root.dataset("overflow") }
        let contiguous = try root.dataset("contiguous")
        #expect(contiguous.byteCount == 4 << 40)
        #expect(try contiguous.storageSize == 0)
        expectError(.tooLarge) { try contiguous.requireSize() }
        expectError(.tooLarge) { _ = try contiguous.array(of: Float.self) }
        expectError(.tooLarge) { _ = try contiguous.bytes() }
        expectError(.tooLarge) { _ = try root.dataset("chunked").bytes() }
        // A part of it is harmless.
        var part = [UInt8](repeating: 1, count: 8)
        try part.withUnsafeMutableBytes {
            try contiguous.read(HDF5Slab(start: [1 << 39], count: [2]), into: $0)
        }
        #expect(part == [UInt8](repeating: 0, count: 8))
        // Four elements, in a chunk of 2 GiB.
        expectError(.tooLarge) { _ = try root.dataset("chunk").array(of: Float.self) }
    }

    @Test func theLimitOfSizeCounts() throws {
        let dataset = try Fixture.open("types.h5").root.dataset("little/f4")
        try dataset.requireSize(within: HDF5SizeLimit(floor: 24, expansion: 0))
        try dataset.requireSize(within: HDF5SizeLimit(floor: 0, expansion: 1))
        expectError(.tooLarge) {
            try dataset.requireSize(within: HDF5SizeLimit(floor: 23, expansion: 0))
        }
        expectError(.tooLarge) {
            try dataset.requireSize(
                within: HDF5SizeLimit(floor: 64, expansion: 1, ceiling: 23))
        }
    }

    /// So many links that they lie in a heap of their own, with a byte changed here and there: an error or the links,
    /// in the order asked for.
    @Test func damagedLargeGroupsAreErrors() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("large.h5")
        let names = (0..<40).map { "group-\($0 * 37 % 40)" }
        do {
            let file = try HDF5File(
                creating: path, options: HDF5CreationOptions(format: .version110, alignment: 1))
            for name in names { _ = try file.root.createGroup(name) }
            try file.close()
        }
        #expect(try HDF5File(reading: path).root.links().map(\.name) == names.sorted())
        let whole = try Data(contentsOf: URL(filePath: path))
        var errors = 0
        for place in stride(from: 48, to: whole.count, by: 3) {
            var bytes = whole
            bytes[place] ^= 0x10
            let damaged = directory.path("damaged.h5")
            try bytes.write(to: URL(filePath: damaged))
            do { _ = try HDF5File(reading: damaged).root.links() } catch is HDF5Error {
                errors += 1
            }
        }
        #expect(errors > 0)
    }

    /// What fuzzing found (`scripts/fuzz.sh`), in a process of its own: it once crashed or hung.
    @Test func findsOfFuzzingAreHarmless() async {
        await #expect(processExitsWith: .success) {
            let names = try FileManager.default.contentsOfDirectory(
                atPath: Fixture.path("fuzz-finds"))
            guard !names.isEmpty else { exit(1) }
            for name in names {
                guard let file = try? Fixture.open("fuzz-finds/\(name)") else { continue }
                exercise(file)
            }
            guard HDF5File.openIdentifierCount == 0 else { exit(2) }
        }
    }
}
