import CHDF5

/// The driver through which libhdf5 reads and writes a ``FileStore``.
enum StoreDriver {
    /// Has the file that is opened with `access` be `store`, which must outlive it.
    static func apply(_ store: FileStore, to access: hid_t, _ scope: CallScope) throws {
        let doing = "cannot set up access to the file"
        let driver = try scope.check(registered, doing: doing, fallback: .library)
        // libhdf5 copies the driver's information, which is one pointer.
        var pointer = UnsafeMutableRawPointer(Unmanaged.passUnretained(store).toOpaque())
        try scope.check(H5Pset_driver(access, driver, &pointer), doing: doing, fallback: .library)
    }

    private static let registered: hid_t = {
        var driver = description
        return H5FDregister(&driver)
    }()

    private static let name: StaticString = "espalier"

    private static var description: H5FD_class_t {
        var driver = H5FD_class_t()
        driver.name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        driver.maxaddr = haddr_t(Int64.max)
        driver.fc_degree = H5F_CLOSE_WEAK
        driver.fapl_size = MemoryLayout<UnsafeMutableRawPointer>.size
        // Space for values and for all else is reused apart, as libhdf5's own drivers do.
        driver.fl_map = (
            H5FD_MEM_SUPER, H5FD_MEM_SUPER, H5FD_MEM_SUPER, H5FD_MEM_DRAW, H5FD_MEM_DRAW,
            H5FD_MEM_SUPER, H5FD_MEM_SUPER
        )
        driver.open = { _, _, access, _ in openDriven(access) }
        driver.close = { file in
            file.map { UnsafeMutableRawPointer($0).deallocate() }
            return 0
        }
        driver.cmp = { first, second in
            guard let first = store(first), let second = store(second) else { return -1 }
            let (one, other) = (ObjectIdentifier(first), ObjectIdentifier(second))
            return one == other ? 0 : one < other ? -1 : 1
        }
        driver.query = { file, flags in
            flags?.pointee = UInt(clamping: store(file)?.features ?? 0)
            return 0
        }
        addTransfer(to: &driver)
        return driver
    }

    private static func addTransfer(to driver: inout H5FD_class_t) {
        driver.get_eoa = { file, _ in store(file)?.allocatedEnd ?? chdf5_addr_undefined() }
        driver.set_eoa = { file, _, address in
            store(file)?.allocatedEnd = address
            return 0
        }
        driver.get_eof = { file, _ in store(file)?.end ?? chdf5_addr_undefined() }
        driver.read = { file, _, _, address, size, buffer in
            guard let store = store(file) else { return -1 }
            let bytes = UnsafeMutableRawBufferPointer(start: buffer, count: size)
            return store.read(bytes, at: address) ? 0 : -1
        }
        driver.write = { file, type, _, address, size, buffer in
            let bytes = UnsafeRawBufferPointer(start: buffer, count: size)
            guard let store = store(file) else { return -1 }
            return store.write(bytes, at: address, isValues: type == H5FD_MEM_DRAW) ? 0 : -1
        }
        driver.truncate = { file, _, _ in
            store(file)?.truncate()
            return 0
        }
    }
}

// Plain functions: C's function pointers carry no `self`.

/// libhdf5 may open a file twice, once to see whether it is open already; the store stays the same.
private func openDriven(_ access: hid_t) -> UnsafeMutablePointer<H5FD_t>? {
    guard let information = H5Pget_driver_info(access) else { return nil }
    let store = information.load(as: UnsafeMutableRawPointer.self)
    let file = UnsafeMutablePointer<chdf5_driven_file>.allocate(capacity: 1)
    file.initialize(to: chdf5_driven_file(base: H5FD_t(), store: store))
    return UnsafeMutableRawPointer(file).assumingMemoryBound(to: H5FD_t.self)
}

private func store(_ file: UnsafePointer<H5FD_t>?) -> FileStore? {
    guard let file else { return nil }
    let driven = UnsafeRawPointer(file).assumingMemoryBound(to: chdf5_driven_file.self)
    return driven.pointee.store.map {
        Unmanaged<FileStore>.fromOpaque($0).takeUnretainedValue()
    }
}

private func store(_ file: UnsafeMutablePointer<H5FD_t>?) -> FileStore? {
    store(file.map { UnsafePointer($0) })
}
