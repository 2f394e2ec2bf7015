/// By what the weights are chosen that become zero, where calibration data are at hand.
package enum WeightChoice: String, Hashable, Sendable, CaseIterable {
    /// Their magnitudes.
    case magnitude
    /// Their magnitudes times the root mean square of what they are multiplied with.
    ///
    /// Source: Sun, Liu, Bair, Kolter, "A Simple and Effective Pruning Approach for Large Language Models" (Wanda), ICLR 2024.
    case activation
    /// What their loss costs after the others have made up for it, as far as they can.
    ///
    /// Source: Hassibi and Stork, "Optimal Brain Surgeon", NIPS 1992; Frantar, Singh, Alistarh, "Optimal Brain Compression", NeurIPS 2022.
    case surgeon
}
