public import ModelGraph
package import OrderedJSON

/// A model read from a Keras file.
///
/// Keeps its file open and mapped while it lives: weights that stand there uncompressed are not copied.
/// The file must not be changed meanwhile; it may be replaced by another of the same name.
public struct KerasModel: Sendable {
    /// The network, with its weights.
    public var graph: ModelGraph
    /// The topology as read, with the nested models nested.
    package let topology: JSON
    package let kind: KerasFileKind
    package let generation: KerasGeneration
    /// What is dropped in writing, and what is carried without being understood.
    package let notes: [KerasNote]
    /// The file as it was named.
    public var file: String { source.file }

    let scope: ModelScope
    let source: KerasSource
    let origins: [WeightOrigin.Key: WeightOrigin]
    /// The version that the file says wrote it.
    let kerasVersion: String?
}
