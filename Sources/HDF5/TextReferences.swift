import CHDF5

/// Texts of any length, read around libhdf5.
///
/// Where such a text stands, the file holds its length and a reference to an object in a global heap.
/// libhdf5 1.10 copies the whole object into a buffer made for the length, so that a file in which the
/// two disagree overwrites memory. Here libhdf5 only hands out the references, and we read the heap
/// (HDF5 File Format Specification 3.0, III.E and VIII.B).
enum TextReferences {
    /// Length (4 bytes), address of the heap (8), index in the heap (4).
    private static let size = 16

    /// Reads the bytes of `count` texts; `read` fills the memory for a given memory type.
    static func read(
        count: Int, from store: FileStore, _ file: hid_t, _ scope: CallScope,
        read: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) throws -> [[UInt8]] {
        let doing = "cannot read the text"
        try scope.check(registered, doing: doing, fallback: .library)
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, byteCount <= HDF5Attributes.sizeLimit else {
            throw scope.error(.tooLarge, "there are too many texts")
        }
        var references = [UInt8](repeating: 0, count: byteCount)
        let type = try makeReferenceType(scope)
        let status = references.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { read(type, $0) } ?? 0
        }
        try scope.check(status, doing: doing)
        var heaps = GlobalHeaps(store: store, base: try base(of: file, scope))
        var total = 0
        return try (0..<count).map { position in
            let reference = references[position * size..<(position + 1) * size]
            let length = Int(littleEndian(reference.prefix(4)))
            guard length > 0 else { return [] }
            total += length
            guard total <= HDF5Attributes.sizeLimit else {
                throw scope.error(.tooLarge, "the texts are too long")
            }
            let object = try heaps.object(
                at: littleEndian(reference.dropFirst(4).prefix(8)),
                index: littleEndian(reference.suffix(4)), scope)
            guard length <= object.count else {
                throw scope.error(.damaged, "a text is longer than what is stored of it")
            }
            return Array(object.prefix(length))
        }
    }

    /// Where addresses count from; refuses files whose addresses are not of the usual size.
    private static func base(of file: hid_t, _ scope: CallScope) throws -> UInt64 {
        let doing = "cannot read the file's settings"
        let list = try scope.own(H5Fget_create_plist(file), H5Pclose, doing: doing)
        var (addressSize, lengthSize) = (0, 0)
        try scope.check(H5Pget_sizes(list, &addressSize, &lengthSize), doing: doing)
        guard addressSize == 8, lengthSize == 8 else {
            throw scope.error(
                .unsupportedType, "texts in a file of \(addressSize)-byte addresses")
        }
        var base: hsize_t = 0
        try scope.check(H5Pget_userblock(list, &base), doing: doing)
        return UInt64(base)
    }

    private static func makeReferenceType(_ scope: CallScope) throws -> hid_t {
        try HDF5ElementType.opaque(size: size, tag: "espalier text reference").makeType(scope)
    }

    /// A conversion from texts to opaque bytes, which changes nothing: libhdf5 has none of its own.
    private static let registered: herr_t = {
        let text = H5Tcopy(chdf5_t_c_string())
        let opaque = H5Tcreate(H5T_OPAQUE, size)
        defer {
            H5Tclose(text)
            H5Tclose(opaque)
        }
        guard text >= 0, opaque >= 0, H5Tset_size(text, chdf5_t_variable()) >= 0 else { return -1 }
        return H5Tregister(H5T_PERS_SOFT, "espalier text reference", text, opaque) {
            source, destination, state, _, _, _, _, _, _ in
            guard let state, state.pointee.command == H5T_CONV_INIT else { return 0 }
            state.pointee.need_bkg = H5T_BKG_NO
            // A text in memory is a pointer, and of another size than one in a file.
            return H5Tget_size(source) == TextReferences.size
                && H5Tget_size(destination) == TextReferences.size ? 0 : -1
        }
    }()
}

/// The global heaps of a file that is read; each is read once.
private struct GlobalHeaps {
    let store: FileStore
    let base: UInt64
    private var heapBytes: UInt = 0
    private var heaps: [UInt64: (bytes: [UInt8], objects: [UInt64: Range<Int>])] = [:]

    init(store: FileStore, base: UInt64) {
        self.store = store
        self.base = base
    }

    mutating func object(
        at address: UInt64, index: UInt64, _ scope: CallScope
    ) throws -> ArraySlice<UInt8> {
        if heaps[address] == nil {
            let bytes = try heap(at: address, scope)
            // Heaps do not overlap, so all of them together are no longer than the file.
            heapBytes += UInt(bytes.count)
            guard heapBytes <= store.end else {
                throw scope.error(.damaged, "texts stand one over the other")
            }
            heaps[address] = (bytes, try Self.objects(in: bytes, scope))
        }
        guard let heap = heaps[address], let range = heap.objects[index] else {
            throw scope.error(.damaged, "a text is not where it is said to be")
        }
        return heap.bytes[range]
    }

    /// The bytes of a heap: "GCOL", version 1, three of padding, the heap's size, objects.
    private func heap(at address: UInt64, _ scope: CallScope) throws -> [UInt8] {
        let (start, overflow) = address.addingReportingOverflow(base)
        let header = try read(16, at: overflow ? .max : start, scope)
        let size = littleEndian(header[8...])
        guard header.prefix(5) == [0x47, 0x43, 0x4F, 0x4C, 1], size >= 16, size <= store.end else {
            throw scope.error(.damaged, "a text is not where it is said to be")
        }
        return try read(Int(size), at: start, scope)
    }

    /// Where the objects of a heap stand.
    ///
    /// Each is an index (2 bytes), references (2), padding (4), a size (8), then the content, filled
    /// up to a multiple of 8. The index 0 is the space that is left.
    private static func objects(
        in bytes: [UInt8], _ scope: CallScope
    ) throws -> [UInt64: Range<Int>] {
        var objects: [UInt64: Range<Int>] = [:]
        var position = 16
        while position + 16 <= bytes.count {
            let index = littleEndian(bytes[position..<position + 2])
            guard index != 0 else { break }
            let size = littleEndian(bytes[position + 8..<position + 16])
            let start = position + 16
            guard size <= bytes.count - start else {
                throw scope.error(.damaged, "a text is longer than where it stands")
            }
            objects[index] = start..<start + Int(size)
            position = start + (Int(size) + 7) & ~7
        }
        return objects
    }

    private func read(_ count: Int, at start: UInt64, _ scope: CallScope) throws -> [UInt8] {
        guard UInt64(count) <= store.end, start <= UInt64(store.end) - UInt64(count) else {
            throw scope.error(.damaged, "a text lies beyond the end of the file")
        }
        var bytes = [UInt8](repeating: 0, count: count)
        let isRead = bytes.withUnsafeMutableBytes { store.read($0, at: UInt(start)) }
        try store.check(scope)
        guard isRead else { throw scope.error(.truncated, "the file became shorter") }
        return bytes
    }
}

/// The unsigned number of at most 8 bytes, the lowest first.
private func littleEndian(_ bytes: some BidirectionalCollection<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
