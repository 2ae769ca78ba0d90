/*
 * emodel: what listeners would say of a call: ITU-T G.107's transmission
 * rating R and the mean opinion score that it stands for, 1 to 4.5. Pure.
 *
 * R = 93.2 - Idd - Ie,eff, all that is not named at G.107's defaults:
 *
 * - Idd, the delay impairment, is G.107's equation 7-27 of the one-way delay
 *   from mouth to ear. Echo terms are zero: there is no path for an echo in
 *   an end-to-end digital call with headsets or files.
 * - Ie,eff = Ie + (95 - Ie) Ppl / (Ppl / BurstR + Bpl), equation 7-29, with
 *   random loss (BurstR 1) of Ppl percent as the listener has it: late packets
 *   and silences are lost, those recovered by in-band FEC are not (see heard).
 * - Ie = 0: G.113 has no value for Opus on this (narrow-band) scale. At 24
 *   kbit/s Opus codes more than the band of G.711, the scale's reference with
 *   Ie = 0, and is not rated below it.
 * - Bpl = 25.1, G.113's for G.711 with packet loss concealment at random loss:
 *   Opus conceals by the same kind of extrapolation.
 */
#ifndef RP_DIAL_EMODEL_H
#define RP_DIAL_EMODEL_H

/* R for a one-way delay and a share of frames that were not heard. */
double emodel_r(double delay_ms, double loss_pct);

/* G.107 Annex B. */
double emodel_mos(double r);

#endif
