package import Archive
package import HDF5
package import ModelGraph

/// Why a Keras file cannot be read or written, and where.
public struct KerasError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure, for a caller to decide on.
    public enum Code: Hashable, Sendable {
        /// No such file.
        case notFound
        /// A file of another kind.
        case notAModel
        /// Legal, but not understood here.
        case unsupported
        /// The content contradicts itself, or ends too early.
        case damaged
        /// Something that is never followed: links, values in other files, paths that lead out.
        case refused
        /// More memory than the file's own size explains.
        case tooLarge
        /// The topology is not a network.
        case topology
        /// The file holds weights alone, and no topology was given.
        case weightsAlone
        /// Weights are missing, left over, or of another shape than the topology says.
        case weights
        /// A weight is infinite or not a number.
        case notFinite
        /// The file to write is already there.
        case exists
        /// The graph or the request cannot be stored in the file kind.
        case cannotStore
        /// The file to write cannot be created.
        case cannotCreate
        /// The operating system refused; `errno` says why (28: no space left).
        case io(errno: Int32)
    }

    /// The kind of failure.
    public var code: Code
    /// The file as it was named.
    public var file: String
    /// The path inside the file, or the layer; empty for the file itself.
    public var path: String
    /// What is wrong, without the place.
    public var reason: String

    package init(_ code: Code, file: String, path: String = "", _ reason: String) {
        self.code = code
        self.file = file
        self.path = path
        self.reason = reason
    }

    /// The sentence with the place in front.
    public var description: String {
        path.isEmpty ? "\(file): \(reason)" : "\(file), \(path): \(reason)"
    }
}

extension KerasError {
    /// The same failure as HDF5's own error tells it.
    package init(_ error: HDF5Error) {
        self.init(Self.code(of: error), file: error.file, path: error.path, error.detail)
    }

    private static func code(of error: HDF5Error) -> Code {
        switch error.code {
        // A missing file has no path inside it; a missing object has.
        case .notFound: error.path.isEmpty ? .notFound : .damaged
        case .notHDF5: .notAModel
        case .unsupportedType, .unsupportedFilter: .unsupported
        case .refusedLink, .refusedStorage, .cycle, .tooDeep: .refused
        case .tooLarge: .tooLarge
        case .exists: .exists
        case .io(let number): .io(errno: number)
        case .busy: .io(errno: 11)
        case .truncated, .damaged, .wrongKind, .wrongShape, .invalidText, .attributeTooLarge,
            .closed, .library:
            .damaged
        }
    }

    /// The same failure as the archive's own error tells it.
    package init(_ error: ArchiveError) {
        let code: Code =
            switch error.code {
            case .notFound: .notFound
            case .directory, .notRegular: .notAModel
            case .unsupported: .unsupported
            case .damaged: .damaged
            case .refused: .refused
            case .tooLarge: .tooLarge
            case .io(let number): .io(errno: number)
            }
        let reason =
            error.code == .directory ? "this is a directory, not a model file" : error.reason
        self.init(code, file: error.file, path: error.path, reason)
    }

    /// A failure of the graph, in that file.
    package init(_ error: GraphError, file: String) {
        let code: Code = error.code == .weight ? .weights : .topology
        let path = error.layer.isEmpty ? "" : "layer '\(error.layer)'"
        self.init(code, file: file, path: path, error.reason)
    }

    /// Runs `body` and turns what it throws into a ``KerasError`` about that file.
    static func wrapping<Result>(
        _ file: String, _ body: () throws -> Result
    ) throws(KerasError) -> Result {
        do {
            return try body()
        } catch let error as KerasError {
            throw error
        } catch let error as HDF5Error {
            throw KerasError(error)
        } catch let error as ArchiveError {
            throw KerasError(error)
        } catch let error as GraphError {
            throw KerasError(error, file: file)
        } catch {
            throw KerasError(.damaged, file: file, "\(error)")
        }
    }
}
