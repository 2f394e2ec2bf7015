import Foundation
import HDF5

/// Reads all fixtures and writes a file, with all failures on the way.
func exerciseEverything() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: Fixture.path("")) {
        guard name.hasSuffix(".h5"), let file = try? Fixture.open(name) else { continue }
        exercise(file)
    }
    let file = try HDF5File(creatingInMemory: "leaks")
    try WriteTests.fill(file)
    try? file.root.copy("x", from: "little", in: try Fixture.open("types.h5").root)
    try file.root.attributes.copyAll(from: file.root.group("model_weights/conv").attributes)
    _ = try HDF5File(image: try file.image(), name: "again").root.links()
}

/// Reads whatever can be read in any way that there is.
func exercise(_ file: HDF5File) {
    exercise(file.root.attributes)
    if let copy = try? HDF5File(creatingInMemory: "copy") {
        for link in (try? file.root.links()) ?? [] {
            try? copy.root.copy(link.name, from: link.name, in: file.root)
        }
    }
    try? file.root.walk(maximumDepth: 8) { entry in
        if let dataset = try? file.root.dataset(entry.path) { exercise(dataset) }
        if let group = try? file.root.group(entry.path) { exercise(group.attributes) }
        _ = try? file.root.group("\(entry.path)/missing")
        return .enter
    }
}

private func exercise(_ dataset: HDF5Dataset) {
    let limit = HDF5SizeLimit(floor: 1 << 20, expansion: 100, ceiling: 16 << 20)
    exercise(dataset.attributes)
    _ = try? dataset.bytes(within: limit)
    _ = try? dataset.strings(within: limit)
    _ = try? dataset.fileOffset
    for chunk in (try? dataset.chunks(limit: 100)) ?? [] {
        _ = try? dataset.readChunk(at: chunk.start, limit: limit.ceiling)
    }
}

private func exercise(_ attributes: HDF5Attributes) {
    guard let copy = try? HDF5File(creatingInMemory: "copy") else { return }
    for name in (try? attributes.names()) ?? [] {
        _ = try? attributes.strings(name)
        _ = try? attributes.doubles(name)
        _ = try? attributes.integers(name)
        try? copy.root.attributes.copy(name, from: attributes)
    }
}
