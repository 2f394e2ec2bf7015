import Foundation

/// The devices that are predicted alike and learned from together.
///
/// A class that the catalogue knows by name, or by its runtime's label, or one of measured figures
/// rounded to steps of 5 %; all devices of which nothing is known are one class.
public struct DeviceClass: Sendable, Hashable {
    enum Origin: Sendable, Hashable {
        case name(String)
        case runtime(String)
        case unknown
    }

    /// Measured figures, each as a power of 1.05.
    struct Steps: Sendable, Hashable {
        let gflops: Int16
        let bandwidth: Int16
        let overhead: Int16
    }

    let origin: Origin
    /// nil where the class has the figures of its origin.
    let steps: Steps?

    /// Whether neither label nor figures say what the device is.
    public var isUnknown: Bool { origin == .unknown && steps == nil }

    /// The class that the label alone says.
    var labelled: DeviceClass { DeviceClass(origin: origin, steps: nil) }

    /// A text for logs and stored observations; equal for equal classes.
    public var id: String {
        let name =
            switch origin {
            case .name(let name): "class=\(name)"
            case .runtime(let runtime): "runtime=\(runtime)"
            case .unknown: "unknown"
            }
        guard let steps else { return name }
        return "\(name);steps=\(steps.gflops),\(steps.bandwidth),\(steps.overhead)"
    }

    private static let base = 1.05
    private static let logarithmOfBase = log(base)
    /// Below it an overhead counts as none.
    private static let smallest = 0.001

    /// The nearest step; figures are in the ranges of contexts, so it fits.
    static func step(_ value: Double) -> Int16 {
        Int16(clamping: Int((log(max(value, smallest)) / logarithmOfBase).rounded()))
    }

    static func value(ofStep step: Int16) -> Double { pow(base, Double(step)) }
}
