// Arbitrary bytes as an HDF5 file: opened, walked, and read whole.
//
// Anything may be refused; nothing may crash, hang, leak an id, or take more memory than the limits allow.

import HDF5

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    try? test(UnsafeRawBufferPointer(start: bytes, count: count))
    precondition(HDF5File.openIdentifierCount == 0, "ids leak")
    return 0
}

let limit = HDF5SizeLimit(floor: 1 << 20, expansion: 100, ceiling: 16 << 20)

func read(_ attributes: HDF5Attributes) throws {
    for name in try attributes.names() {
        _ = try? attributes.info(name)
        _ = try? attributes.strings(name)
        _ = try? attributes.doubles(name)
        _ = try? attributes.integers(name)
    }
}

func read(_ dataset: HDF5Dataset, copy: HDF5File) throws {
    try? read(dataset.attributes)
    _ = try? dataset.bytes(within: limit)
    _ = try? dataset.strings(within: limit)
    _ = try? dataset.fileOffset
    for chunk in (try? dataset.chunks(limit: 100)) ?? [] {
        _ = try? dataset.readChunk(at: chunk.start, limit: limit.ceiling)
    }
    let first = HDF5Slab(start: dataset.shape.map { _ in 0 }, count: dataset.shape.map { _ in 1 })
    if (try? dataset.requireSize(within: limit)) != nil {
        var one = [UInt8](repeating: 0, count: dataset.elementType.size)
        try? one.withUnsafeMutableBytes { try dataset.read(first, into: $0) }
    }
    try? copy.root.attributes.copyAll(from: dataset.attributes)
}

func test(_ bytes: UnsafeRawBufferPointer) throws {
    let owner = [UInt8](bytes)
    let file = try HDF5File(image: owner, name: "fuzz")
    let copy = try HDF5File(creatingInMemory: "copy")
    defer {
        try? file.close()
        try? copy.close()
    }
    try? read(file.root.attributes)
    for link in (try? file.root.links()) ?? [] {
        try? copy.root.copy(link.name, from: link.name, in: file.root)
    }
    try file.root.walk(maximumDepth: 8) { entry in
        guard case .hard(let kind, _) = entry.link.kind, !entry.isRepeat else { return .skip }
        switch kind {
        case .dataset: try? read(try file.root.dataset(entry.path), copy: copy)
        case .group: try? read(try file.root.group(entry.path).attributes)
        default: break
        }
        return .enter
    }
}
