import HDF5
import ModelGraph

/// The open file that a model came from.
///
/// Kept open as long as the model lives: weights may lie in its mapping, and what is carried unchanged
/// is copied from it when the model is written.
final class KerasSource: Sendable {
    /// The file as it was named.
    let file: String
    let kind: KerasFileKind
    let hdf5: HDF5File
    /// The HDF5 file's own bytes: the whole file, or a part of a `.keras` file.
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    /// Keeps ``bytes``.
    let owner: any AnyObject & Sendable
    /// Where the weights start: `model_weights` in a whole-model file, else the root.
    let weightsPath: String
    /// The files of a `.keras` archive that are neither topology nor weights.
    let attachments: [ArchiveEntry]

    init(
        file: String, kind: KerasFileKind, hdf5: HDF5File, bytes: UnsafeRawBufferPointer,
        owner: any AnyObject & Sendable, weightsPath: String, attachments: [ArchiveEntry] = []
    ) {
        self.file = file
        self.kind = kind
        self.hdf5 = hdf5
        self.bytes = bytes
        self.owner = owner
        self.weightsPath = weightsPath
        self.attachments = attachments
    }

    /// The group in which the weights stand.
    func weightsGroup() throws -> HDF5Group {
        weightsPath.isEmpty ? hdf5.root : try hdf5.root.group(weightsPath)
    }
}

/// A file of a `.keras` archive that is carried unchanged.
struct ArchiveEntry: Sendable {
    var name: String
    var content: [UInt8]
}
