# SPDX-License-Identifier: MIT
"""Worlds from seeds: what make.py is made of. Everything random comes from one generator, so that a seed is a world."""
