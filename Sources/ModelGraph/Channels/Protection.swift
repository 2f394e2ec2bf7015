/// Why a channel must stay.
package struct Protection: Hashable, Sendable {
    package enum Reason: String, Hashable, Sendable {
        /// It is part of what the model gives back.
        case modelOutput = "model-output"
        /// It is part of what the model is given.
        case modelInput = "model-input"
        /// The layer class is not known, so neither is what it does with the channel.
        case opaqueLayer = "opaque-layer"
        /// The layer computes over all channels together: a norm, a softmax, a sum.
        case mixedChannels = "mixed-channels"
        /// A reshape, transpose or slice spreads the channel over places that cannot be cut.
        case reshaped
        /// It meets something of fixed size: another input, a constant, a protected channel.
        case fixedPartner = "fixed-partner"
        /// The profile or the caller said so.
        case requested
    }

    package var reason: Reason
    /// The layer where it shows.
    package var layer: String

    package init(_ reason: Reason, layer: String) {
        self.reason = reason
        self.layer = layer
    }
}

extension Protection: CustomStringConvertible {
    package var description: String {
        switch reason {
        case .modelOutput: "'\(layer)' gives it back as an output of the model"
        case .modelInput: "'\(layer)' takes it as an input of the model"
        case .opaqueLayer: "'\(layer)' is of a class that is not known"
        case .mixedChannels: "'\(layer)' computes over all channels together"
        case .reshaped: "'\(layer)' rearranges it so that it cannot be cut out"
        case .fixedPartner: "'\(layer)' joins it with something of fixed size"
        case .requested: "'\(layer)' is protected by request"
        }
    }
}
