/*
 * emodel: estimate how listeners would rate a call: the transmission rating R
 * of ITU-T G.107, and the mean opinion score for it, 1 to 4.5. Pure.
 *
 * R = 93.2 - Idd - Ie,eff, with all other terms at G.107's defaults:
 *
 *  - Idd, the delay impairment, is G.107's equation 7-27 of the one-way delay
 *    from mouth to ear. Echo terms are zero, because an end-to-end digital call
 *    with headsets or files has no path for an echo.
 *  - Ie,eff = Ie + (95 - Ie) Ppl / (Ppl / BurstR + Bpl), equation 7-29, with
 *    random loss (BurstR 1) of Ppl percent as the listener hears it. Late
 *    packets and silences count as lost; packets recovered by in-band FEC do
 *    not (see audibility).
 *  - Ie = 0, because G.113 has no value for Opus on this (narrow-band) scale.
 *    At 24 kbit/s Opus codes more than the band of G.711, the scale's
 *    reference with Ie = 0, and is not rated below it.
 *  - Bpl = 25.1, G.113's for G.711 with packet loss concealment at random loss,
 *    because Opus conceals by the same kind of extrapolation.
 */
#ifndef RP_DIAL_EMODEL_H
#define RP_DIAL_EMODEL_H

/* Return R for a one-way delay and a share of frames that were not heard. */
double emodel_r(double delay_ms, double loss_pct);

/* Return the mean opinion score for R (G.107 Annex B). */
double emodel_mos(double r);

#endif
