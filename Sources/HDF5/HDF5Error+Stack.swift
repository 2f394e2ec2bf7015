import CHDF5

/// One entry of libhdf5's error stack.
private struct StackEntry {
    let minor: hid_t
    let text: String
}

extension HDF5Error {
    /// Turns the error stack that the failed call left on this thread into one error.
    ///
    /// `doing` says what we tried, for a person; `fallback` is the code if the stack names none of ours.
    static func fromStack(
        _ place: HDF5Place, doing: String, fallback: HDF5Error.Code
    ) -> HDF5Error {
        let entries = stackEntries()
        let cause = entries.first.map { oneLine($0.text) }
        let detail = cause.map { "\(doing): \($0)" } ?? doing
        return place.error(classify(entries) ?? fallback, detail)
    }

    private static func stackEntries() -> [StackEntry] {
        var entries: [StackEntry] = []
        withUnsafeMutablePointer(to: &entries) { pointer in
            _ = H5Ewalk2(
                chdf5_error_stack(), H5E_WALK_UPWARD,
                { _, entry, context in
                    guard let entry, let context else { return 0 }
                    let text = entry.pointee.desc.map { String(cString: $0) } ?? ""
                    context.assumingMemoryBound(to: [StackEntry].self).pointee
                        .append(StackEntry(minor: entry.pointee.min_num, text: text))
                    return 0
                }, pointer)
        }
        H5Eclear2(chdf5_error_stack())
        return entries
    }

    /// The deepest entry that says something definite decides.
    private static func classify(_ entries: [StackEntry]) -> HDF5Error.Code? {
        let known: [(hid_t, HDF5Error.Code)] = [
            (chdf5_e_not_hdf5(), .notHDF5), (chdf5_e_truncated(), .truncated),
            (chdf5_e_no_filter(), .unsupportedFilter), (chdf5_e_exists(), .exists),
            (chdf5_e_file_exists(), .exists), (chdf5_e_not_found(), .notFound),
        ]
        for entry in entries {
            if entry.text.contains("object header message is too large") {
                return .attributeTooLarge
            }
            if let errno = systemErrorNumber(in: entry.text) {
                switch errno {
                case 2, 20: return .notFound  // ENOENT, ENOTDIR
                case 17: return .exists  // EEXIST
                case 11 where entry.minor == chdf5_e_cannot_lock_file(): return .busy  // EAGAIN
                default: return .io(errno: errno)
                }
            }
            if let match = known.first(where: { $0.0 == entry.minor }) { return match.1 }
        }
        return nil
    }

    /// libhdf5 reports the system's error number only in the text: "…, errno = 28, …".
    private static func systemErrorNumber(in text: String) -> Int32? {
        let marker = "errno = "
        var rest = Substring(text)
        while let first = rest.firstIndex(of: "e") {
            rest = rest[first...]
            if rest.hasPrefix(marker) {
                return Int32(rest.dropFirst(marker.count).prefix { $0.isNumber })
            }
            rest = rest.dropFirst()
        }
        return nil
    }

    /// The stack's texts may hold names from the file: no line breaks, no control characters, no novels.
    private static func oneLine(_ text: String) -> String {
        let clean = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: clean.prefix(300))
        return String(result)
    }
}
