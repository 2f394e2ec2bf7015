import CHDF5
import Synchronization

/// libhdf5 takes two files in memory of the same name for one file: each gets a number of its own.
private let memoryFileCount = Atomic<Int>(0)

private func uniqueMemoryName(_ name: String) -> String {
    let number = memoryFileCount.add(1, ordering: .relaxed).newValue
    return "\(name)#\(number)"
}

/// libhdf5's core driver grows its memory in steps of this many bytes.
private let growth = 4 << 20

extension HDF5File {
    /// Opens a file whose bytes are already in memory, for reading, by a copy of them.
    ///
    /// - Parameters:
    ///   - image: All bytes of the file.
    ///   - name: What messages call it.
    /// - Throws: ``HDF5Error`` as ``init(reading:)``.
    package convenience init(image: [UInt8], name: String) throws {
        let copy = ImageCopy(image)
        try self.init(imageAt: UnsafeRawBufferPointer(copy.bytes), keeping: copy, name: name)
    }

    /// Opens a file whose bytes are already in memory, for reading, without a copy.
    ///
    /// ``HDF5Dataset/fileOffset`` then counts from the start of `bytes`.
    ///
    /// - Parameters:
    ///   - bytes: All bytes of the file; they must neither move nor change while `owner` lives.
    ///   - owner: Kept until the file is closed.
    ///   - name: What messages call it.
    /// - Throws: ``HDF5Error`` as ``init(reading:)``.
    package convenience init(
        imageAt bytes: UnsafeRawBufferPointer, keeping owner: AnyObject, name: String
    ) throws {
        let handle = try HDF5Library.call(HDF5Place(file: name, path: "")) { scope in
            try Self.open(ImageReader(bytes, keeping: owner), name: name, scope)
        }
        try self.init(handle: handle)
    }

    /// Creates a file in memory; ``image()`` gives its bytes.
    ///
    /// - Parameters:
    ///   - name: What messages call it.
    ///   - options: The file's format.
    /// - Throws: ``HDF5Error`` with `library`.
    package convenience init(
        creatingInMemory name: String, options: HDF5CreationOptions = .init()
    ) throws {
        let handle = try HDF5Library.call(HDF5Place(file: name, path: "")) { scope in
            let access = try Self.accessList(scope)
            try options.apply(to: access, scope)
            try scope.check(
                H5Pset_fapl_core(access, growth, false), doing: "cannot set up memory",
                fallback: .library)
            let id = H5Fcreate(
                uniqueMemoryName(name), chdf5_acc_trunc(), try Self.creationList(scope), access)
            try scope.check(id, doing: "cannot create a file in memory", fallback: .library)
            return FileHandle(id: id, name: name)
        }
        try self.init(handle: handle)
    }

    /// All bytes of the file as it would stand on the disk.
    ///
    /// - Throws: ``HDF5Error`` with `closed`.
    package func image() throws -> [UInt8] {
        try HDF5Library.call(HDF5Place(file: name, path: "")) { scope in
            let id = try handle.raw(scope)
            let doing = "cannot take the file's bytes"
            try scope.check(H5Fflush(id, H5F_SCOPE_GLOBAL), doing: doing, fallback: .library)
            let size = try scope.check(
                H5Fget_file_image(id, nil, 0), doing: doing, fallback: .library)
            return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                count = try scope.check(
                    H5Fget_file_image(id, buffer.baseAddress, size), doing: doing,
                    fallback: .library)
            }
        }
    }
}

/// Bytes at a fixed address.
private final class ImageCopy {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ image: [UInt8]) {
        bytes = .allocate(byteCount: image.count, alignment: 16)
        bytes.copyBytes(from: image)
    }

    deinit { bytes.deallocate() }
}
