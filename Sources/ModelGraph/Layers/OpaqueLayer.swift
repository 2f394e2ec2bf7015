/// A layer of a class that nobody knows here: carried through, its channels protected.
package struct OpaqueLayer: LayerDefinition {
    package static let classNames: [String] = []

    package var className: String
    /// The shapes of its outputs, where the file tells them.
    package var knownOutputs: [Shape]?

    package init(_ configuration: LayerConfiguration) {
        self.init(className: configuration.className)
    }

    package init(className: String, knownOutputs: [Shape]? = nil) {
        self.className = className
        self.knownOutputs = knownOutputs
    }

    /// The shapes that the file tells, else that of the input.
    package func outputs(of call: LayerCall) throws(GraphError) -> [Shape] {
        if let knownOutputs { return knownOutputs }
        guard let input = call.inputs.first else {
            throw GraphError(
                .unsupported, "the class '\(className)' is not known, nor what it gives")
        }
        return [input]
    }

    package func bind(_ channels: inout ChannelBinder) {
        for input in channels.inputs.indices { channels.protect(input: input, .opaqueLayer) }
    }
}
