/// Something about a file that a person should know: dropped, or carried without being understood.
package struct KerasNote: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable {
        /// The optimizer's state; it does not fit a pruned network.
        case optimizerState = "optimizer-state"
        /// Loss, optimizer and metrics settings of `compile`.
        case compileInformation = "compile-information"
        /// A layer class that nobody knows here.
        case unknownLayer = "unknown-layer"
        /// Groups, attributes or files that are carried unchanged.
        case carried
    }

    package var kind: Kind
    /// Where it stands in the file.
    package var path: String
    /// Bytes that it takes in the file, where that is known.
    package var byteCount: Int?

    package init(_ kind: Kind, path: String, byteCount: Int? = nil) {
        self.kind = kind
        self.path = path
        self.byteCount = byteCount
    }

    package var description: String {
        let size = byteCount.map { " (\($0) bytes)" } ?? ""
        switch kind {
        case .optimizerState: return "the optimizer's state\(size) in '\(path)' is dropped"
        case .compileInformation: return "the compile information in '\(path)' is dropped"
        case .unknownLayer: return "layer '\(path)' is of a class that is not known; it is carried"
        case .carried: return "'\(path)'\(size) is not understood; it is carried"
        }
    }
}
